"""Because of whom a policy changed: its versions cite the results they came out of."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext, ngettext

from civic.policies.citations import Citation
from civic.policies.models import PublishedVersion
from civic.policies.numbers import in_english
from consult.reports.models import Report


class Citations:
    """The contributions behind the first version published after a consultation's result."""

    def cited(self, revision_ids: Collection[int]) -> Mapping[int, list[Citation]]:
        """Return the citations behind each revision: one query where no result speaks of the policy, two otherwise."""
        shown = PublishedVersion.objects.filter(revision__in=revision_ids)
        reports = Report.objects.filter(consultation__policy__in=shown.values("page")).select_related("consultation")
        results = list(reports.order_by("frozen_at"))
        if not results:
            return {}
        pages = {report.consultation.policy_id for report in results}
        versions = list(PublishedVersion.objects.filter(page__in=pages).order_by("page", "number"))
        found: dict[int, list[Citation]] = {}
        for report in results:
            after = (
                version
                for version in versions
                if version.page_id == report.consultation.policy_id and version.published_at >= report.frozen_at
            )
            version = next(after, None)
            if version is not None and version.revision_id in revision_ids:
                found.setdefault(version.revision_id, []).extend(_of(report))
        return found


def _of(report: Report) -> list[Citation]:
    url = report.get_absolute_url()
    return [
        Citation(
            label=_label(answer),
            url=f"{url}#a{answer['id']}",
            clause=UUID(answer["clause"]) if answer["clause"] else None,
        )
        for answer in report.data["answers"]
        if answer["new_text"]
    ]


def _label(answer: dict[str, Any]) -> str:
    number = ngettext("%(count)s contribution", "%(count)s contributions", answer["n"]) % {"count": answer["n"]}
    clause = answer["clause_number"]
    if (get_language() or "").startswith("en"):
        clause = in_english(clause)
    return gettext(": ").join(part for part in (clause, number) if part)
