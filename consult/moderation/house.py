"""The house rules: the only grounds on which words may be held or hidden."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class HouseRule:
    """One rule, in the official words and a courtesy translation; ``severity`` 1 (a nuisance) to 3 (somebody is in danger)."""

    code: str
    severity: int
    title: str
    title_en: str
    text: str
    text_en: str

    @property
    def name(self) -> str:
        """Its number and title, in the official language."""
        return f"{self.code} {self.title}"

    @property
    def name_en(self) -> str:
        """Its number and title in English."""
        return f"{self.code} {self.title_en}"


DATA = Path(__file__).parent / "data" / "house_rules.json"
RULES = tuple(HouseRule(**row) for row in json.loads(DATA.read_text(encoding="utf-8")))
BY_CODE = {rule.code: rule for rule in RULES}
