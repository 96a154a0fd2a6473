"""What people are writing, kept before they send it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from civic.core.refusals import Reason, Refused
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion.models import Draft

OTHER_TAB = Reason(
    "other-tab",
    _(
        "You changed this draft in another window. What you typed here is still below; the other text is shown beside it."
    ),
)
LONGEST_DRAFT = 20_000


@dataclass(frozen=True)
class Owner:
    """Whose draft: a person's, or that of a browser not signed in."""

    person: Person | None = None
    token: str = ""

    def __post_init__(self) -> None:
        if (self.person is None) == (not self.token):
            raise ValueError("A draft belongs to a person or to a browser.")


def find(*, owner: Owner, consultation: Consultation, box: str) -> Draft | None:
    """Return the draft of a box, if there is one."""
    return Draft.objects.filter(
        person=owner.person, token="" if owner.person else owner.token, consultation=consultation, box=box
    ).first()


def save(
    *, owner: Owner, consultation: Consultation, box: str, text: str, title: str, version: int, at: datetime
) -> Draft:
    """Keep what is typed and return the draft with its new version.

    ``version`` is the one this window last saw (0: none).  When another window
    saved a different text since, raises ``Refused`` with ``conflict``; nothing
    is overwritten.  Longer texts than ``LONGEST_DRAFT`` are cut there.
    """
    text, title = text.replace("\x00", "")[:LONGEST_DRAFT], title.replace("\x00", "")[:200]
    with transaction.atomic():
        draft = (
            Draft.objects.select_for_update()
            .filter(person=owner.person, token="" if owner.person else owner.token, consultation=consultation, box=box)
            .first()
        )
        if draft is None:
            return _create(owner, consultation, box, text, title, at)
        if (draft.text, draft.title) == (text, title):
            return draft
        if draft.version != version:
            raise Refused(OTHER_TAB, conflict=True)
        draft.text, draft.title = text, title
        draft.version += 1
        draft.saved_at = at
        draft.save(update_fields=["text", "title", "version", "saved_at"])
        return draft


def claim(*, token: str, person: Person) -> None:
    """Give a browser's drafts to the person who has signed in on it.

    Where the person already has a draft in the same box, the browser's, which
    is the one just typed, takes its place.
    """
    if not token:
        return
    with transaction.atomic():
        for draft in Draft.objects.select_for_update().filter(person=None, token=token):
            Draft.objects.filter(person=person, consultation_id=draft.consultation_id, box=draft.box).delete()
            draft.person, draft.token = person, ""
            draft.save(update_fields=["person", "token"])


def _create(owner: Owner, consultation: Consultation, box: str, text: str, title: str, at: datetime) -> Draft:
    try:
        with transaction.atomic():
            return Draft.objects.create(
                person=owner.person, token="" if owner.person else owner.token, consultation=consultation,
                box=box, text=text, title=title, saved_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(OTHER_TAB, conflict=True) from error
