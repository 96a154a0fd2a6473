"""What was told and sent to a person."""

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.notify import outbox
from civic.notify.models import Bounce, Digest, Hours, Letter, Message, Notice, Preference, Wish
from civic.people.erasing import addresses
from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare


def _tell_notice(notice: Notice) -> Record:
    sent = [f"{message.get_channel_display()}: {message.get_status_display()}" for message in notice.messages.all()]
    return Record(
        (
            Fact("title", _("what we told you"), notice.title),
            Fact("body", _("in more words"), notice.body),
            Fact("created_at", _("when"), notice.created_at),
            Fact("read_at", _("read"), notice.read_at),
            Fact("sent", _("sent to you"), "; ".join(sent)),
        ),
        url=notice.url,
    )


def _forget_what_was_sent(person: Person, at: datetime) -> None:
    Message.objects.filter(notice__person=person).delete()
    Digest.objects.filter(person=person).delete()
    Bounce.objects.filter(person=person).delete()
    Notice.objects.filter(person=person).delete()
    known = addresses(person) | ({person.phone} if person.phone else set())
    for address in known:
        Letter.objects.filter(Q(address=address) | Q(error__contains=address)).delete()
    transaction.on_commit(lambda: empty_outbox(known))


def empty_outbox(known: set[str]) -> int:
    """Throw away what the outbox, standing in for real delivery, holds for these addresses; return how many files."""
    lost = [path for path in Path(settings.OUTBOX).glob("*.json") if _recipients(path) & known]
    for path in lost:
        path.unlink(missing_ok=True)
    return len(lost)


def _recipients(path: Path) -> set[str]:
    try:
        return set(outbox.Item(**json.loads(path.read_text(encoding="utf-8"))).to.split(", "))
    except (FileNotFoundError, ValueError):
        return set()


declare(
    Section(
        "notices", _("What we told you"),
        _("Notices on the site, and whether each went out by e-mail or text message."),
        rows=lambda person: Notice.objects.filter(person=person).order_by("-pk").prefetch_related("messages"),
        tell=_tell_notice, erase=_forget_what_was_sent,
        goes=_("Notices to you, and messages that wait to be sent. What has reached your mailbox is yours to delete."),
        reaches=(
            "civic_notify.Notice.person", "civic_notify.Message.notice__person", "civic_notify.Digest.person",
        ),
        keeps={"civic_notify.WebhookEndpoint.created_by": "an act of the office, on record under a number"},
    )
)  # fmt: skip


def _tell_bounce(bounce: Bounce) -> Record:
    return Record(
        (
            Fact("channel", _("how"), bounce.get_channel_display()),
            Fact("at", _("when"), bounce.at),
            Fact("reason", _("reason"), bounce.reason),
            Fact("forgiven_at", _("tried again since"), bounce.forgiven_at),
        )
    )


declare(
    Section(
        "bounces", _("What did not reach you"),
        _("Mails and text messages that came back; after some of them we stop sending."),
        rows=lambda person: Bounce.objects.filter(person=person).order_by("-at", "-pk"), tell=_tell_bounce,
        reaches=("civic_notify.Bounce.person",),
    )
)  # fmt: skip


def _choices(person: Person) -> list[Preference | Wish | Hours]:
    return [
        *Preference.objects.filter(person=person).order_by("group", "channel"),
        *Wish.objects.filter(person=person).order_by("kind", "channel"),
        *Hours.objects.filter(person=person),
    ]


def _tell_choice(choice: Preference | Wish | Hours) -> Record:
    if isinstance(choice, Hours):
        return Record(
            (
                Fact("quiet_from", _("quiet from (hour)"), choice.quiet_from),
                Fact("quiet_until", _("quiet until (hour)"), choice.quiet_until),
                Fact("digest_hour", _("daily mail at (hour)"), choice.digest_hour),
            )
        )
    if isinstance(choice, Wish):
        return Record(
            (
                Fact("kind", _("about what"), choice.kind),
                Fact("channel", _("how"), choice.get_channel_display()),
                Fact("timing", _("when"), choice.get_timing_display()),
            )
        )
    return Record(
        (
            Fact("group", _("about what"), choice.group),
            Fact("channel", _("how"), choice.get_channel_display()),
            Fact("wanted", _("wanted"), choice.wanted),
        )
    )


def _forget_choices(person: Person, at: datetime) -> None:
    for model in (Preference, Wish, Hours):
        model.objects.filter(person=person).delete()


declare(
    Section(
        "preferences", _("What you want to be told"),
        _("Your choices about notices."),
        rows=_choices, tell=_tell_choice, erase=_forget_choices, correct_at="me-preferences",
        goes=_("Your choices about notices."),
        reaches=("civic_notify.Preference.person", "civic_notify.Wish.person", "civic_notify.Hours.person"),
    )
)  # fmt: skip
