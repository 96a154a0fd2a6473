"""Words of a person that stand in what we told others."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from civic.notify.models import Notice
from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution, Version
from consult.reports.models import Report
from consult.reports.telling import quote_of


def _tell(report: Report) -> Record:
    return Record(
        (
            Fact("consultation", _("consultation"), str(report.consultation)),
            Fact("frozen_at", _("when"), report.frozen_at),
        ),
        url=report.get_absolute_url(),
    )


def _take_quotes_back(person: Person, at: datetime) -> None:
    """Take a person's words out of the notices of those who supported or answered them."""
    for asked in Consultation.objects.filter(contributions__author=person).distinct().order_by("pk"):
        quotes = _quotes(person, asked)
        told = Notice.objects.filter(url__startswith=asked.get_absolute_url()).exclude(person=person)
        notices = told.annotate(own=KeyTextTransform("mine", "params"), own_en=KeyTextTransform("mine_en", "params"))
        for quote in sorted(quotes, key=len, reverse=True):
            quoting = notices.filter(Q(own__contains=quote) | Q(own_en__contains=quote))
            for notice in quoting.iterator(chunk_size=500):
                notice.params |= {
                    name: notice.params[name].replace(f"“{quote}”", f"“{word}”")
                    for name, word in _words().items()
                    if name in notice.params
                }
                notice.save(update_fields=["params"])


def _quotes(person: Person, asked: Consultation) -> set[str]:
    said: Iterable[tuple[str, str]] = Contribution.objects.filter(author=person, consultation=asked).values_list(
        "title", "text"
    )
    before = Version.objects.filter(contribution__author=person, contribution__consultation=asked)
    return {quote for title, text in [*said, *before.values_list("title", "text")] if (quote := quote_of(title, text))}


def _words() -> dict[str, str]:
    with override("zh-hans"):
        chinese = gettext("deleted words")
    with override("en"):
        return {"mine": chinese, "mine_en": gettext("deleted words")}


declare(
    Section(
        "results", _("Results you closed"),
        _("For those who work in an office: the consultations they concluded."),
        rows=lambda person: Report.objects.filter(frozen_by=person).select_related("consultation").order_by("-pk"),
        tell=_tell, erase=_take_quotes_back,
        stays=_("Results as numbers. They hold nobody’s words; what you said disappears from their pages as well."),
        keeps={"consult_reports.Report.frozen_by": "frozen; an act of the office, on record under a number"},
    )
)  # fmt: skip
