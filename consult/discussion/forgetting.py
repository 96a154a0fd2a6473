"""What becomes of somebody's words when their author is forgotten."""

import uuid
from datetime import datetime

from civic.events.bus import publish
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.consultations.states import State as ConsultationState
from consult.discussion import actions, showing, words
from consult.discussion.models import Contribution, Draft, Version
from consult.discussion.states import Outcome, State
from search.indexing import index_now


def hold_words(person_id: int) -> None:
    """Lock what people hold while they write: their words, and what they had begun."""
    _lock_words(person_id)
    list(Draft.objects.filter(person=person_id).order_by("pk").select_for_update().values_list("pk"))


def forget_words(person: Person, at: datetime) -> None:
    """Empty everything a person said, and its earlier versions.

    What hangs below, who supported it and what was counted stay.  Words of an
    open consultation that nobody has answered yet are taken back at the same
    time: an office cannot answer what nobody can read.
    """
    # All of them are held already (``hold_words``), but for what was sent in the moment before the person was.
    rows = _lock_words(person.pk)
    Version.objects.filter(contribution__author=person).delete()
    # After the person, as whoever speaks there does (docs/decisions/0007-locks-in-one-order.md).
    counted = Consultation.objects.filter(pk__in={row.consultation_id for row in rows}).order_by("pk")
    asked = {row.pk: row for row in counted.select_for_update(no_key=True)}
    for row in rows:
        _take_out(row, asked[row.consultation_id])
        _empty(row, at)
        publish(actions.ERASED, subject=row, actor=None, at=at)
        index_now("contribution", row.pk)


def forget_drafts(person: Person, at: datetime) -> None:
    """Throw away what a person had begun to write."""
    Draft.objects.filter(person=person).delete()


def _lock_words(person_id: int) -> list[Contribution]:
    """Lock what a person said, by number.

    Not the words it hangs on, of which nothing changes: this is done a second time with the person held, and what
    was sent in between has higher numbers than all before, but may hang on words with a lower one.
    """
    mine = Contribution.objects.filter(author=person_id, erased_at=None).order_by("pk")
    return list(mine.select_for_update(of=("self",), no_key=True))


def _take_out(said: Contribution, asked: Consultation) -> None:
    """Take words out of the count that are still to be answered; what is not shown never comes back."""
    if said.state in {State.HELD, State.HIDDEN}:
        said.state = State.WITHDRAWN
    elif said.needs_answer and said.outcome == Outcome.WAITING and asked.state == ConsultationState.ANNOUNCED:
        showing.count(said, -1, among=[ConsultationState.ANNOUNCED])
        said.state = State.WITHDRAWN


def _empty(said: Contribution, at: datetime) -> None:
    said.words_hash = words.hash_of(submission=said.submission, title=said.title, text=said.text)
    said.submission = uuid.uuid4()
    said.title = said.text = ""
    said.erased_at = at
    said.save(update_fields=["state", "title", "text", "words_hash", "submission", "erased_at"])
