"""What becomes of somebody's words when their author is forgotten."""

import uuid
from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Greatest

from civic.events.bus import publish
from civic.people.models import Person
from consult.consultations.models import ClauseTally, Consultation
from consult.consultations.states import State as ConsultationState
from consult.discussion import actions, words
from consult.discussion.models import Contribution, Draft, Version
from consult.discussion.states import Outcome, State
from search.indexing import index_now


def forget_words(person: Person, at: datetime) -> None:
    """Empty everything a person said, and its earlier versions.

    What hangs below, who supported it and what was counted stay.  Words of an
    open consultation that nobody has answered yet are taken back at the same
    time: an office cannot answer what nobody can read.
    """
    # In the order in which everybody locks: contributions by number, then what they are counted in.
    mine = Contribution.objects.filter(author=person, erased_at=None).order_by("pk")
    rows = list(mine.select_for_update(of=("self",), no_key=True))
    Version.objects.filter(contribution__author=person).delete()
    asked = Consultation.objects.in_bulk({row.consultation_id for row in rows})
    for row in rows:
        if row.needs_answer and row.outcome == Outcome.WAITING:
            _take_out(row, asked[row.consultation_id])
        _empty(row, at)
        publish(actions.ERASED, subject=row, actor=None, at=at)
        index_now("contribution", row.pk)


def forget_drafts(person: Person, at: datetime) -> None:
    """Throw away what a person had begun to write."""
    Draft.objects.filter(person=person).delete()


def _take_out(said: Contribution, asked: Consultation) -> None:
    moved = Consultation.objects.filter(pk=asked.pk, state=ConsultationState.ANNOUNCED).update(
        contribution_count=F("contribution_count") - 1
    )
    if not moved:
        return
    said.state = State.WITHDRAWN
    if said.clause is not None:
        ClauseTally.objects.filter(consultation=asked, clause=said.clause).update(
            contributions=Greatest(F("contributions") - 1, Value(0))
        )


def _empty(said: Contribution, at: datetime) -> None:
    said.words_hash = words.hash_of(submission=said.submission, title=said.title, text=said.text)
    said.submission = uuid.uuid4()
    said.title = said.text = ""
    said.erased_at = at
    said.save(update_fields=["state", "title", "text", "words_hash", "submission", "erased_at"])
