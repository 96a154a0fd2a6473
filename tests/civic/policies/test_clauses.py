import pytest
from django.utils import translation

from civic.policies import domain
from civic.policies.clauses import Clause, Kind, clauses_of, compare_words, difference
from civic.policies.models import PolicyPage
from tests.civic.policies.conftest import CLAUSES, FIRST, SECOND, THIRD, MakePolicy
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db


def shown(old: str, new: str) -> str:
    """Write a comparison as [-out-]{+in+}."""
    marks = {Kind.SAME: "{}", Kind.REMOVED: "[-{}-]", Kind.ADDED: "{{+{}+}}"}
    return "".join(marks[part.kind].format(part.text) for part in compare_words(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("夜间停车按小时收费。", "夜间停车实行居民月卡。", "夜间停车[-按小时收费-]{+实行居民月卡+}。"),
        ("停放30分钟以内不收费", "停放60分钟以内不收费", "停放[-30-]{+60+}分钟以内不收费"),
        ("每户一张，每张100元。", "每户两张，每张80元。", "每户[-一-]{+两+}张，每张[-100-]{+80+}元。"),
        ("Free for 30 minutes.", "Free for 60 minutes.", "Free for [-30-]{+60+} minutes."),
        ("The old car park", "The new car park", "The [-old-]{+new+} car park"),
        ("", "新条文", "{+新条文+}"),
        ("旧条文", "", "[-旧条文-]"),
        ("一样", "一样", "一样"),
    ],
)
def test_words_are_compared_so_that_people_can_read_it(old: str, new: str, expected: str) -> None:
    assert shown(old, new) == expected


def test_a_comparison_gives_back_both_texts_whole() -> None:
    old = "城区道路停车泊位收费时段为每日7时至22时。首次停放30分钟以内不收费；医院、学校周边60分钟。"
    new = "医院周边停车不收费。The hours are 7 to 21. 首次停放45分钟以内不收费；学校周边60分钟！"
    parts = compare_words(old, new)
    assert "".join(p.text for p in parts if p.kind is not Kind.ADDED) == old
    assert "".join(p.text for p in parts if p.kind is not Kind.REMOVED) == new


def test_a_very_long_clause_is_compared_by_the_sentence() -> None:
    old = "".join(f"第{n}项应当公布。" for n in range(900))
    parts = compare_words(old, old.replace("第500项应当公布", "第500项可以公布"))
    assert [p.text for p in parts if p.kind is Kind.ADDED] == ["第500项可以公布。"]


def test_a_clause_keeps_its_identity_when_its_words_and_place_change(
    policy: PolicyPage, make_policy: MakePolicy
) -> None:
    before = policy.live_revision
    changed = [CLAUSES[2], {**CLAUSES[0], "text": "首次停放60分钟以内不收费。"}, CLAUSES[1]]
    revised = domain.revise_policy(
        page=policy, author=a_person(), approver=a_person(), at=policy.last_published_at, clauses=changed
    )
    assert [clause.id for clause in clauses_of(revised)] == [THIRD, FIRST, SECOND]
    changes = {change.clause.id: change for change in difference(before, revised.live_revision)}
    assert changes[FIRST].kind is Kind.CHANGED
    assert [part.text for part in changes[FIRST].parts if part.kind is Kind.ADDED] == ["60"]
    assert changes[SECOND].kind is Kind.SAME
    assert changes[THIRD].kind is Kind.SAME
    assert [change.clause.id for change in changes.values() if change.moved] == [THIRD]


def test_added_and_removed_clauses_are_shown_where_they_stand() -> None:
    def clause(number: int, text: str) -> Clause:
        return Clause(id=CLAUSE_IDS[number], number=f"第{number}条", heading="", text=text)

    old = [clause(1, "甲"), clause(2, "乙"), clause(3, "丙")]
    new = [clause(1, "甲"), clause(4, "丁"), clause(3, "丙")]
    kinds = [(change.kind, change.clause.number) for change in difference(old, new)]
    assert kinds == [
        (Kind.SAME, "第1条"), (Kind.REMOVED, "第2条"), (Kind.ADDED, "第4条"), (Kind.SAME, "第3条"),
    ]  # fmt: skip


def test_a_changed_translation_is_a_change_but_not_of_the_official_words() -> None:
    old = Clause(id=FIRST, number="第一条", heading="", text="不收费。", text_en="Free")
    new = Clause(id=FIRST, number="第一条", heading="", text="不收费。", text_en="No charge")
    [change] = difference([old], [new])
    assert change.kind is Kind.CHANGED
    assert not change.words_changed


def test_reading_clauses_of_a_revision_starts_no_query(policy: PolicyPage, django_assert_num_queries: object) -> None:
    revision = policy.live_revision
    with django_assert_num_queries(0):
        assert [clause.number for clause in clauses_of(revision)] == ["第一条", "第二条", "第三条"]


def test_clauses_know_their_chapter(make_policy: MakePolicy) -> None:
    page = make_policy(
        "chapters", clauses=[CLAUSES[0], {"type": "chapter", "number": "第一章", "heading": "总则"}, CLAUSES[1]]
    )
    assert [clause.chapter and clause.chapter.heading for clause in clauses_of(page)] == [None, "总则"]


CLAUSE_IDS = {number: type(FIRST)(int=number) for number in range(1, 5)}


@pytest.mark.parametrize(
    ("before", "after", "language"),
    [
        ("Charged by the hour.", "Charged by the month.", ""),
        ("Charged by the hour.", "", "zh-Hans"),
        ("", "Charged by the month.", "zh-Hans"),
        ("Charged by the hour.", "Charged by the hour.", "zh-Hans"),
    ],
    ids=["both", "no longer translated", "translated for the first time", "translation left as it was"],
)
def test_english_readers_see_what_changed_in_words_that_show_it(before: str, after: str, language: str) -> None:
    old = Clause(FIRST, "第一条", "", "按小时收费。", text_en=before)
    new = Clause(FIRST, "第一条", "", "按月收费。", text_en=after)
    with translation.override("en"):
        [change] = difference([old], [new])
        words = "".join(part.text for part in change.new_parts)
        assert (change.language, words) == (language, after if not language else "按月收费。")
        assert any(part.kind is not Kind.SAME for part in change.local_parts)
