"""What follows from a decision: search forgets or finds the words; author and reporters are told."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from civic.access.questions import holders
from civic.audit.models import Entry
from civic.events.bus import subscribe
from civic.notify.domain import Recipient, tell
from civic.ui.dates import day_text
from civic.ui.shell import address
from consult.discussion import actions as discussion
from consult.discussion.models import Contribution
from consult.moderation import actions, domain, kinds, rules
from consult.moderation.house import BY_CODE
from consult.moderation.models import Appeal, Report, Ruling
from consult.moderation.states import Act, Result
from search.indexing import index_now

QUOTE = 60
LANGUAGES = (("", settings.LANGUAGE_CODE), ("_en", "en"))
_AUTHORS = {
    Act.HIDE: kinds.HIDDEN, Act.HOLD: kinds.HELD, Act.HOLD_AGAIN: kinds.HELD,
    Act.RELEASE: kinds.SHOWN, Act.RESTORE: kinds.SHOWN, Act.PUT_BACK: kinds.SHOWN,
}  # fmt: skip


@subscribe(
    actions.LEFT, actions.HELD, actions.RELEASED, actions.HIDDEN, actions.RESTORED, actions.PUT_BACK, actions.HELD_AGAIN
)
def follow_a_ruling(entry: Entry) -> None:
    """Bring search up to date and tell whom the decision concerns."""
    ruling = Ruling.objects.select_related("contribution__consultation").get(pk=entry.facts["ruling"])
    index_now("contribution", ruling.contribution_id)
    kind = _AUTHORS.get(Act(ruling.act))
    # What was public before and after changed nothing for its author; an appeal's end is told as such.
    if kind is not None and entry.facts["from"] != entry.facts["to"]:
        tell(kind=kind, entry=entry, recipients=[_author(ruling)], at=entry.at)
    tell(kind=kinds.REPORT_ENDED, entry=entry, recipients=_reporters(ruling), at=entry.at)


@subscribe(actions.QUEUED)
def forget_while_waiting(entry: Entry) -> None:
    """Search does not know words that wait."""
    index_now("contribution", int(entry.subject_id))


@subscribe(discussion.TAKEN_BACK, discussion.ERASED)
def settle_what_was_taken_back(entry: Entry) -> None:
    """Whoever reported words hears that their author took them back, or left with them."""
    contribution = Contribution.objects.get(pk=entry.subject_id)
    ruling = domain.note_taken_back(contribution=contribution, at=entry.at)
    if ruling is not None:
        ruling = Ruling.objects.select_related("contribution__consultation").get(pk=ruling.pk)
        tell(kind=kinds.REPORT_ENDED, entry=entry, recipients=_reporters(ruling), at=entry.at)


@subscribe(actions.REPORTED)
def call_for_a_grave_report(entry: Entry) -> None:
    """Moderators are called when somebody may be in danger; lighter reports wait in the queue."""
    report = Report.objects.select_related("contribution__consultation__place", "contribution__consultation__sponsor")
    found = report.get(pk=entry.subject_id)
    rule = BY_CODE[found.rule]
    if rule.severity < max(each.severity for each in BY_CODE.values()):
        return
    said = found.contribution
    url = address("desk-moderation-case", str(said.pk))
    params = {**_title(said), "rule": rule.name, "rule_en": rule.name_en}
    people = holders(actions.JUDGE, said, at=entry.at)
    called = [person for person in people if rules.is_uninvolved(person, said, entry.at)]
    tell(kind=kinds.SEVERE, entry=entry, recipients=[(person, params, url) for person in called], at=entry.at)


@subscribe(actions.APPEALED)
def call_a_second_moderator(entry: Entry) -> None:
    """Those who may decide an appeal hear of it; not the one whose decision it is."""
    appeal = Appeal.objects.select_related(
        "ruling__contribution__consultation__place", "ruling__contribution__consultation__sponsor"
    ).get(pk=entry.subject_id)
    said = appeal.ruling.contribution
    url = address("desk-moderation-appeal", str(appeal.pk))
    people = [
        person
        for person in holders(actions.DECIDE, said, at=entry.at)
        if person.pk != appeal.first_id and rules.is_uninvolved(person, said, entry.at)
    ]
    tell(
        kind=kinds.APPEAL_WAITS, entry=entry, recipients=[(person, _title(said), url) for person in people], at=entry.at
    )


@subscribe(actions.DECIDED)
def tell_how_an_appeal_ended(entry: Entry) -> None:
    """The author hears how it ended and why."""
    appeal = Appeal.objects.select_related("ruling__contribution__consultation").get(pk=entry.subject_id)
    said = appeal.ruling.contribution
    params: dict[str, Any] = {"quote": _quote(said), "sentence": appeal.sentence}
    for suffix, language in LANGUAGES:
        with translation.override(language):
            params[f"result{suffix}"] = str(Result(appeal.result).label)
    tell(kind=kinds.APPEAL_ENDED, entry=entry, recipients=[(said.author_id, params, _page_of(said))], at=entry.at)


def _author(ruling: Ruling) -> Recipient:
    said = ruling.contribution
    params: dict[str, Any] = {"quote": _quote(said), "sentence": ruling.sentence, **_rule(ruling)}
    for suffix, language in LANGUAGES:
        with translation.override(language):
            params[f"until{suffix}"] = day_text(ruling.appeal_until, ruling.at)
            if not ruling.sentence:
                params[f"sentence{suffix}"] = _released(ruling)
    url = _page_of(said)
    if ruling.act == Act.HIDE:
        url = address("contribution-appeal", said.consultation.slug, str(said.pk))
    return said.author_id, params, url


def _released(ruling: Ruling) -> str:
    if ruling.act == Act.PUT_BACK:
        return _("What was done to them was undone.")
    return _("A moderator read them and found nothing against the house rules.")


def _reporters(ruling: Ruling) -> Iterator[Recipient]:
    if ruling.act in {Act.HOLD, Act.HOLD_AGAIN, Act.PUT_BACK}:
        return
    params: dict[str, Any] = _title(ruling.contribution)
    for suffix, language in LANGUAGES:
        with translation.override(language):
            params[f"result{suffix}"] = _outcome(ruling, language)
    people = Report.objects.filter(ruling=ruling).order_by("reporter").values_list("reporter", flat=True)
    for person in people.iterator(chunk_size=500):
        yield person, params, _page_of(ruling.contribution)


def _outcome(ruling: Ruling, language: str) -> str:
    match ruling.act:
        case Act.HIDE:
            rule = _rule(ruling)["rule_en" if language == "en" else "rule"]
            return _("The words are hidden under house rule %(rule)s. Their author may appeal.") % {"rule": rule}
        case Act.GONE:
            return _("The author took the words back.")
        case _:
            return _("A moderator read the words and found that they may stay.")


def _rule(ruling: Ruling) -> dict[str, str]:
    rule = ruling.house_rule
    return {"rule": rule.name, "rule_en": rule.name_en} if rule is not None else {"rule": ""}


def _title(said: Contribution) -> dict[str, str]:
    return {"title": said.consultation.title, "title_en": said.consultation.title_en}


def _quote(said: Contribution) -> str:
    return Truncator(said.title or " ".join(said.text.split())).chars(QUOTE)


def _page_of(said: Contribution) -> str:
    return said.get_absolute_url()
