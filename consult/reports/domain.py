"""Concluding a consultation with its result."""

from datetime import datetime

from django.db import IntegrityError, transaction

from civic.core.refusals import WRONG_STATE, Refused
from civic.events.bus import publish
from civic.people.models import Person
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation
from consult.consultations.states import State
from consult.reports import actions, counting, sources
from consult.reports.models import Report


def conclude(*, consultation: Consultation, actor: Person, at: datetime) -> Report:
    """Close a consultation as answered and freeze its result, both or neither.

    Raises ``Refused`` while a contribution has no published answer, before
    people's time is over, and when the actor may not.
    """
    with transaction.atomic():
        consultations.conclude(consultation=consultation, actor=actor, at=at)
        return freeze(consultation=consultation, actor=actor, at=at)


def freeze(*, consultation: Consultation, actor: Person | None, at: datetime) -> Report:
    """Count an answered consultation and write its result, which then never changes.

    Whoever calls it has checked that the actor may conclude.  Raises
    ``Refused`` when the consultation is not answered, or has its result.
    """
    with transaction.atomic():
        current = Consultation.objects.select_for_update(of=("self",)).for_pages().get(pk=consultation.pk)
        if current.state not in {State.ANSWERED, State.ARCHIVED}:
            raise Refused(WRONG_STATE, conflict=True)
        data = counting.count(current, at=at)
        report = Report(
            consultation=current, frozen_at=at, frozen_by=actor, data=data,
            sources_hash=sources.hash_of(current, leaving_out=data["withheld"]),
        )  # fmt: skip
        try:
            with transaction.atomic():
                report.save(force_insert=True)
        except IntegrityError as error:
            raise Refused(WRONG_STATE, conflict=True) from error
        publish(
            actions.FROZEN, subject=current, actor=actor, at=at,
            facts={
                "sources_hash": report.sources_hash,
                "contributions": current.contribution_count,
                "participants": current.participant_count,
            },
        )  # fmt: skip
        return report
