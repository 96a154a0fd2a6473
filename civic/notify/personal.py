"""What was told and sent to a person."""

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.notify import outbox
from civic.notify.models import Letter, Message, Notice, Preference
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
        reaches=("civic_notify.Notice.person", "civic_notify.Message.notice__person"),
    )
)  # fmt: skip


def _tell_preference(preference: Preference) -> Record:
    return Record(
        (
            Fact("group", _("about what"), preference.group),
            Fact("channel", _("how"), preference.get_channel_display()),
            Fact("wanted", _("wanted"), preference.wanted),
        )
    )


def _forget_preferences(person: Person, at: datetime) -> None:
    Preference.objects.filter(person=person).delete()


declare(
    Section(
        "preferences", _("What you want to be told"),
        _("Your choices about notices."),
        rows=lambda person: Preference.objects.filter(person=person).order_by("group", "channel"),
        tell=_tell_preference, erase=_forget_preferences, correct_at="me-preferences",
        goes=_("Your choices about notices."), reaches=("civic_notify.Preference.person",),
    )
)  # fmt: skip
