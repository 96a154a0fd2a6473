"""A result's figures as files: JSON as it was frozen with the words explained, CSV for a spreadsheet."""

import csv
import io
import json
from typing import Any

from django.utils import translation

from civic.core import tables
from consult.reports.models import Report
from consult.reports.presentation import table

COLUMNS = (
    "figure", "part", "what", "what_en", "which", "which_en", "number", "of", "base", "base_en", "leaves_out",
    "leaves_out_en", "as_of",
)  # fmt: skip


def as_json(report: Report) -> str:
    """Return the result with its hash and every figure's base and exclusions in both languages."""
    kept = {name: value for name, value in report.data.items() if name != "figures"}
    document = kept | {"sources_sha256": report.sources_hash, "figures": rows(report)}
    return json.dumps(document, ensure_ascii=False, indent=1)


def as_csv(report: Report) -> str:
    """Return the figures as a table; starts with a byte order mark, so that spreadsheets read the Chinese."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows({name: tables.cell(value) for name, value in row.items()} for row in rows(report))
    return "\ufeff" + out.getvalue()


def rows(report: Report) -> list[dict[str, Any]]:
    """Return one row per number."""
    with translation.override("zh-hans"):
        chinese = table(report)
    with translation.override("en"):
        english = table(report)
    return [
        {
            "figure": zh["figure"], "part": zh["code"],
            "what": zh["what"], "what_en": en["what"], "which": zh["part"], "which_en": en["part"],
            "number": zh["number"], "of": zh["of"], "base": zh["base"], "base_en": en["base"],
            "leaves_out": zh["excludes"], "leaves_out_en": en["excludes"], "as_of": zh["as_of"],
        }
        for zh, en in zip(chinese, english, strict=True)
    ]  # fmt: skip
