"""Which answers a person wrote or approved for an office."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare
from consult.replies.models import Reply


def _rows(person: Person) -> Any:
    mine = Reply.objects.filter(Q(author=person) | Q(approver=person))
    return mine.select_related("consultation", "body").order_by("-created_at", "-pk")


def _tell(reply: Reply) -> Record:
    return Record(
        (
            Fact("consultation", _("consultation"), str(reply.consultation)),
            Fact("body", _("organisation"), str(reply.body)),
            Fact("text", _("text"), reply.text),
            Fact("state", _("state"), reply.get_state_display()),
            Fact("created_at", _("when"), reply.created_at),
        )
    )


declare(
    Section(
        "replies", _("Answers you wrote or approved"),
        _("For those who work in an office: the answers they prepared."),
        rows=_rows, tell=_tell,
        stays=_("Answers of an office: they are the office’s words, and never showed your name."),
        keeps={
            "consult_replies.Reply.author": "the office's words; that a second person approved them must stay provable",
            "consult_replies.Reply.approver": "the office's words; that a second person approved them must stay provable",
        },
    )
)  # fmt: skip
