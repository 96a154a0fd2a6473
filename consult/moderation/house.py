"""The house rules: the only grounds on which words may be held or hidden."""

from dataclasses import dataclass


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


RULES = (
    HouseRule(
        "H1", 3, "不公开他人的个人信息", "Do not expose people",
        "不写出他人的住址、电话、证件号码、病情等未公开的信息。可以点名批评机构和公职行为。",
        "No addresses, telephone or identity numbers, illnesses or other private facts of other people. "
        "Offices and official acts may be criticised by name.",
    ),
    HouseRule(
        "H2", 3, "不威胁、不煽动伤害", "Do not threaten",
        "不威胁任何人，不号召伤害人、毁坏财物。",
        "No threats against anybody, no calls to hurt people or destroy things.",
    ),
    HouseRule(
        "H3", 3, "不发布违法内容", "Nothing unlawful",
        "不发布法律明令禁止的内容。审核员须写明依据的条文。",
        "Nothing the law expressly forbids. The moderator names the provision.",
    ),
    HouseRule(
        "H4", 2, "不侮辱、不歧视", "Do not insult",
        "不辱骂人，不因性别、民族、户籍、年龄、残疾等贬低人。话可以尖锐，对事不对人。",
        "No abuse, and nobody belittled for sex, ethnic group, origin, age or disability. "
        "Sharp words about a matter are welcome.",
    ),
    HouseRule(
        "H5", 2, "不冒充他人或机构", "Do not pretend to be others",
        "不用别人或机构的名义说话，不伪造引文和文件。",
        "Do not speak in the name of others or of an office; no forged quotations or papers.",
    ),
    HouseRule(
        "H6", 1, "不打广告、不刷屏", "No advertising, no flooding",
        "不推销，不反复张贴相同内容。",
        "No selling, and not the same words again and again.",
    ),
)  # fmt: skip
BY_CODE = {rule.code: rule for rule in RULES}
