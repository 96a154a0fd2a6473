"""Who may report what, and that reports alone change nothing anybody sees."""

import pytest
from django.db import IntegrityError, transaction

from civic.core import clock
from civic.core.refusals import Refused, Unfit
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation import domain
from consult.moderation.models import Case, Report
from tests.consult.conftest import AT, County, person, say
from tests.consult.moderation.conftest import Moderators


def report(said: Contribution, who: object, rule: str = "H4") -> Report:
    return domain.report(contribution=said, person=who, rule=rule, sentence="骂人了。", at=AT)


def test_no_number_of_reports_hides_anything(said: Contribution, county: County, consultation: Consultation) -> None:
    for number in range(60):
        report(said, person(f"angry{number}", county.here), "H2")
    said.refresh_from_db()
    consultation.refresh_from_db()
    assert (said.state, consultation.contribution_count) == (State.PUBLISHED, 1)
    case = Case.objects.get(contribution=said)
    assert (case.reporters, case.severity, case.waiting_since) == (60, 3, AT)


def test_somebody_reports_the_same_words_once(said: Contribution, county: County) -> None:
    report(said, county.neighbour)
    with pytest.raises(Refused) as refused:
        report(said, county.neighbour, "H1")
    assert refused.value.reason == domain.ALREADY_REPORTED
    assert Case.objects.get(contribution=said).reporters == 1


def test_the_database_allows_one_report_per_person(said: Contribution, county: County) -> None:
    made = report(said, county.neighbour)
    made.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


def test_whoever_lives_elsewhere_and_is_not_verified_may_report_too(said: Contribution) -> None:
    assert report(said, person("newcomer", None, level=0)).pk


def test_nobody_reports_their_own_words(said: Contribution, county: County) -> None:
    with pytest.raises(Refused) as refused:
        report(said, county.resident)
    assert refused.value.reason.code == "own-words"


def test_words_taken_back_cannot_be_reported(consultation: Consultation, county: County) -> None:
    gone = say(consultation, county.resident)
    Contribution.objects.filter(pk=gone.pk).update(state=State.WITHDRAWN)
    with pytest.raises(Refused) as refused:
        report(gone, county.neighbour)
    assert refused.value.reason.code == "not-shown"


@pytest.mark.parametrize(("rule", "sentence"), [("", "骂人"), ("H9", "骂人"), ("H1", "  ")])
def test_a_report_names_a_rule_and_says_why(said: Contribution, county: County, rule: str, sentence: str) -> None:
    with pytest.raises(Unfit):
        domain.report(contribution=said, person=county.neighbour, rule=rule, sentence=sentence, at=AT)
    assert not Report.objects.exists()


def test_moderators_are_called_for_the_gravest_reports_only(
    said: Contribution, county: County, moderators: Moderators, deliver_all: object
) -> None:
    from civic.notify.models import Notice

    report(said, county.neighbour, "H6")
    deliver_all(clock.now())
    assert not Notice.objects.exists()
    report(said, county.stranger, "H1")
    deliver_all(clock.now())
    told = set(Notice.objects.filter(kind="consult:moderation:severe").values_list("person", flat=True))
    assert told == {moderators.first.pk, moderators.second.pk}
