"""What people are writing, kept before they send it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.core.refusals import Reason, Refused
from civic.people.models import Person
from consult.consultations.kinds import COMMENT, PROPOSE, RESPOND
from consult.consultations.models import Consultation
from consult.consultations.rules import opens
from consult.discussion.models import Contribution, Draft

OTHER_TAB = Reason(
    "other-tab",
    _(
        "You changed this draft in another window. What you typed here is still below; the other text is shown beside it."
    ),
)
NO_SUCH_BOX = Reason("no-such-box", _("There is nothing to type into here. Open the form again from the page."))
TOO_MANY = Reason("too-many-drafts", _("This browser keeps many drafts already: sign in to send them or to keep more."))
LONGEST_DRAFT = 20_000
MOST_PER_BROWSER = 20
# Who signs in on a browser takes along what was typed on it just now; on a
# shared computer the words of whoever sat there this morning are not theirs.
CLAIM_WITHIN = timedelta(hours=1)
UNSIGNED_KEPT_FOR = timedelta(days=30)
KEPT_FOR = timedelta(days=180)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
BETWEEN = "\n\n———\n\n"


@dataclass(frozen=True)
class Owner:
    """Whose draft: a person's, or that of a browser not signed in."""

    person: Person | None = None
    token: str = ""

    def __post_init__(self) -> None:
        if (self.person is None) == (not self.token):
            raise ValueError("A draft belongs to a person or to a browser.")


def known_token(sent: str) -> str:
    """Return a browser's token as it sent it; nothing for one that we never made."""
    return sent if _TOKEN.fullmatch(sent) else ""


def box_of(*, kind: str, clause: UUID | None = None) -> str:
    """Name the box a comment or a proposal is typed into: one draft per box."""
    return f"{kind}-{clause}" if clause else str(kind)


def response_box(parent: Contribution) -> str:
    """Name the box a response to ``parent`` is typed into."""
    return f"reply-{parent.pk}"


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
    is overwritten.  Longer texts than ``LONGEST_DRAFT`` are cut there.  Raises
    ``Refused`` for a box no form has, outside the time for such words, and when
    a browser nobody signed in on keeps ``MOST_PER_BROWSER`` already.
    """
    decision = opens(consultation, _action_of(box), at)
    if decision.reason is not None:
        raise Refused(decision.reason)
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


def claim(*, token: str, person: Person, at: datetime) -> int:
    """Give what was just typed in a browser to the person who has signed in on it; return how many drafts.

    Only what was saved within ``CLAIM_WITHIN``.  Where the person already has
    other words in the same box, both are kept, the new ones first.
    """
    if not token:
        return 0
    with transaction.atomic():
        fresh = Draft.objects.select_for_update().filter(person=None, token=token, saved_at__gt=at - CLAIM_WITHIN)
        claimed = list(fresh)
        for draft in claimed:
            own = Draft.objects.select_for_update().filter(
                person=person, consultation_id=draft.consultation_id, box=draft.box
            )
            earlier = own.first()
            if earlier is not None and earlier.text.strip() not in {"", draft.text.strip()}:
                draft.text = f"{draft.text}{BETWEEN}{earlier.text}"[:LONGEST_DRAFT]
                draft.title = draft.title or earlier.title
                draft.version = max(draft.version, earlier.version) + 1
            own.delete()
            draft.person, draft.token = person, ""
            draft.save(update_fields=["person", "token", "text", "title", "version"])
        return len(claimed)


def purge(*, at: datetime) -> int:
    """Delete what nobody came back to; return how many drafts."""
    unsigned = Q(person=None, saved_at__lte=at - UNSIGNED_KEPT_FOR)
    removed, _by_model = Draft.objects.filter(unsigned | Q(saved_at__lte=at - KEPT_FOR)).delete()
    return removed


_BOX = re.compile(
    r"(?:(comment|proposal)(?:-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?|reply-[0-9]{1,18})", re.ASCII
)


def _action_of(box: str) -> str:
    """Return what words of this box would do."""
    match = _BOX.fullmatch(box)
    if match is None:
        raise Refused(NO_SUCH_BOX)
    return {"comment": COMMENT, "proposal": PROPOSE, None: RESPOND}[match[1]]


def _create(owner: Owner, consultation: Consultation, box: str, text: str, title: str, at: datetime) -> Draft:
    if owner.person is None and Draft.objects.filter(person=None, token=owner.token).count() >= MOST_PER_BROWSER:
        raise Refused(TOO_MANY)
    try:
        with transaction.atomic():
            return Draft.objects.create(
                person=owner.person, token="" if owner.person else owner.token, consultation=consultation,
                box=box, text=text, title=title, saved_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(OTHER_TAB, conflict=True) from error
