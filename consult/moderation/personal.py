"""What moderators and others wrote about somebody's words, and what somebody wrote to moderators."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare
from consult.moderation.models import Appeal, Report, Ruling

GONE = "—"


def _rulings(person: Person) -> Any:
    mine = Ruling.objects.filter(contribution__author=person)
    return mine.select_related("contribution__consultation", "appeal").order_by("-at", "-pk")


def _tell_ruling(ruling: Ruling) -> Record:
    appeal = getattr(ruling, "appeal", None)
    return Record(
        (
            Fact("act", _("what was decided"), ruling.get_act_display()),
            Fact("at", _("when"), ruling.at),
            Fact("rule", _("House rule"), ruling.rule),
            Fact("sentence", _("reason"), ruling.sentence),
            Fact("appeal", _("your appeal"), appeal.text if appeal else ""),
            Fact("appeal_result", _("what became of it"), appeal.get_result_display() if appeal else ""),
            Fact("appeal_sentence", _("reason"), appeal.sentence if appeal else ""),
        ),
        url=ruling.contribution.get_absolute_url(),
    )


def _tell_report(report: Report) -> Record:
    return Record(
        (
            Fact("rule", _("House rule"), report.rule),
            Fact("sentence", _("in a sentence"), report.sentence),
            Fact("at", _("when"), report.at),
            Fact("settled", _("settled"), report.ruling_id is not None),
        ),
        url=report.contribution.get_absolute_url(),
    )


def _forget(person: Person, at: datetime) -> None:
    """Take the sentences out; that something was reported and decided, when and under which rule, stays counted."""
    about = Q(contribution__author=person)
    Report.objects.filter(about | Q(reporter=person)).exclude(sentence=GONE).update(sentence=GONE)
    Ruling.objects.filter(about).exclude(sentence="").update(sentence=GONE)
    appeals = Appeal.objects.filter(Q(person=person) | Q(ruling__contribution__author=person))
    appeals.update(text=GONE)
    appeals.exclude(sentence="").update(sentence=GONE)


declare(
    Section(
        "moderation", _("What moderators decided about your words"),
        _("Each decision with its house rule and reason, and your appeals."),
        rows=_rulings, tell=_tell_ruling, erase=_forget,
        goes=_("The reasons moderators gave for decisions about your words, and your appeals."),
        stays=_("That a decision was made under a house rule, for the public counts of each month."),
        reaches=("consult_moderation.Ruling.contribution__author", "consult_moderation.Appeal.person"),
        keeps={
            "consult_moderation.Bulk.by": "an act of the office, on record under a number",
            "consult_moderation.Bulk.undone_by": "an act of the office, on record under a number",
            "consult_moderation.Ruling.by": "an act of the office: another moderator must decide the appeal",
            "consult_moderation.Appeal.first": "an act of the office: another moderator must decide the appeal",
            "consult_moderation.Appeal.decided_by": "an act of the office: another moderator must decide the appeal",
            "consult_moderation.SlowMode.by": "an act of the office, on record under a number",
            "consult_moderation.SlowMode.stopped_by": "an act of the office, on record under a number",
        },
    )
)  # fmt: skip

declare(
    Section(
        "reports", _("What you reported"),
        _("Words you said break a house rule; their author is never told who reported them."),
        rows=lambda person: (
            Report.objects.filter(reporter=person)
            .select_related("contribution__consultation")
            .order_by("-at", "-pk")
        ),
        tell=_tell_report,
        goes=_("What you wrote when you reported something."),
        stays=_("That somebody reported it, without saying who."),
        reaches=("consult_moderation.Report.reporter", "consult_moderation.Report.contribution__author"),
    )
)  # fmt: skip
