"""What readers, authors and moderators see."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from civic.core import clock, proofs
from civic.core.clock import Window
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion.domain import respond
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation import domain, queries, slow
from consult.moderation.models import Appeal, Bulk, Report, SlowMode
from consult.moderation.states import Act
from consult.opinions.models import StatementTally
from orgs.grants.domain import Holder, Scope, found
from search.indexing import rebuild
from tests.consult.conftest import AT, DAY, County, Opener, person, say
from tests.consult.desk.conftest import signed_in
from tests.consult.moderation.conftest import POWERS, Moderators
from tests.consult.moderation.test_judging import judge

WORDS = "老王住在柳荫巷三号"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request happens at the tests' instant."""
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def hidden(said: Contribution, moderators: Moderators, county: County, now: None) -> Contribution:
    """Words a moderator hid, with a response below them."""
    respond(person=county.official, parent=said, text="请不要这样说。", at=AT, submission=uuid4())
    judge(said, moderators.first, Act.HIDE)
    return said


def page(who: Person | None, path: str) -> str:
    client = Client() if who is None else signed_in(who)
    return client.get(path).content.decode()


def test_hidden_words_are_in_no_page_source_and_leave_a_marker(
    hidden: Contribution, county: County, consultation: Consultation
) -> None:
    for path in (hidden.get_absolute_url(), consultation.get_absolute_url(), f"{hidden.get_absolute_url()}respond/"):
        for who in (None, county.neighbour):
            assert WORDS not in page(who, path), path
    seen = page(None, hidden.get_absolute_url())
    assert "已由审核员隐藏" in seen
    assert "H1 不公开他人的个人信息" in seen
    assert "请不要这样说。" in seen
    assert "写出了别人的住址。" not in seen


def test_beyond_ones_reach_public_words_are_refused_with_a_reason_and_hidden_ones_do_not_exist(
    said: Contribution, county: County, moderators: Moderators, now: None
) -> None:
    far = person("far", county.elsewhere)
    for action in POWERS:
        found(
            holder=Holder(person=far), action=action, scope=Scope(place=county.elsewhere),
            window=Window(AT - DAY, AT + DAY), reason="test", at=AT - DAY,
        )  # fmt: skip
    case = f"/desk/moderation/{said.pk}/"
    assert signed_in(moderators.first).get(case).status_code == 200
    assert signed_in(far).get(case).status_code == 403
    judge(said, moderators.first, Act.HIDE)
    assert signed_in(far).get(case).status_code == 404
    assert signed_in(moderators.second).get(case).status_code == 200


def test_the_author_sees_their_words_the_rule_the_reason_and_the_appeal(hidden: Contribution, county: County) -> None:
    appeal = f"{hidden.get_absolute_url()}appeal/"
    for path in (hidden.get_absolute_url(), "/me/"):
        seen = page(county.resident, path)
        assert WORDS in seen, path
        assert "写出了别人的住址。" in seen, path
        assert appeal in seen, path
    assert "H1 不公开他人的个人信息" in page(county.resident, appeal)


def test_search_does_not_find_hidden_words_and_finds_them_again(
    said: Contribution, moderators: Moderators, deliver_all: Callable[..., int]
) -> None:
    real_now = clock.now()
    list(rebuild(at=real_now))

    def found() -> bool:
        return WORDS in Client().get("/search/", {"q": "柳荫巷三号"}).content.decode().replace("<mark>", "").replace(
            "</mark>", ""
        )

    assert found()
    judge(said, moderators.first, Act.HIDE)
    deliver_all(clock.now())
    assert not found()
    judge(said, moderators.first, Act.RESTORE)
    deliver_all(clock.now())
    assert found()


def test_a_visitor_is_asked_to_sign_in_before_reporting(said: Contribution, now: None) -> None:
    response = Client().post(f"{said.get_absolute_url()}report/", {"rule": "H1", "sentence": "住址"})
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/consultations/")
    assert not Report.objects.exists()


def test_reporting_twice_and_reporting_badly_keep_what_was_typed(said: Contribution, county: County, now: None) -> None:
    client, path = signed_in(county.neighbour), f"{said.get_absolute_url()}report/"
    assert "house-rules" not in client.get(path).content.decode()
    assert client.post(path, {"rule": "", "sentence": "写了住址"}).status_code == 422
    assert client.post(path, {"rule": "H1", "sentence": "写了住址"}).status_code == 302
    again = client.post(path, {"rule": "H1", "sentence": "又写了住址"})
    assert again.status_code == 409
    assert "又写了住址" in again.content.decode()


def test_the_queue_the_case_and_a_decision(
    said: Contribution, county: County, moderators: Moderators, now: None
) -> None:
    domain.report(contribution=said, person=county.neighbour, rule="H1", sentence="写了住址。", at=AT)
    client = signed_in(moderators.first)
    queue = client.get("/desk/moderation/").content.decode()
    assert WORDS in queue
    case = f"/desk/moderation/{said.pk}/"
    seen = client.get(case).content.decode()
    assert "写了住址。" in seen
    assert "neighbour" not in seen
    assert client.post(case, {"act": "hide", "rule": "", "sentence": "住址", "version": 0}).status_code == 422
    assert client.post(case, {"act": "hide", "rule": "H1", "sentence": "住址", "version": 0}).status_code == 302
    late = signed_in(moderators.second).post(case, {"act": "leave", "version": 0})
    assert late.status_code == 409
    assert "同事已先处理" in late.content.decode()


def test_a_statement_from_elsewhere_can_be_reported_and_hidden(
    consultation: Consultation, county: County, moderators: Moderators, now: None
) -> None:
    author = Person.objects.create(display_name="№ 7", is_imported=True, is_active=False)
    statement = Contribution.objects.create(
        consultation=consultation, author=author, kind=Contribution.Kind.STATEMENT, text="老王住在柳荫巷三号。",
        created_at=AT, submission=uuid4(),
    )  # fmt: skip
    StatementTally.objects.create(statement=statement, consultation=consultation, agrees=3)
    report = f"/consultations/{consultation.slug}/contributions/{statement.pk}/report/"
    shown = (
        statement.get_absolute_url(),
        f"/consultations/{consultation.slug}/statements/",
        consultation.get_absolute_url(),
    )
    assert [report in page(None, path) for path in shown] == [True] * 3

    sent = signed_in(county.neighbour).post(report, {"rule": "H1", "sentence": "写了住址"})
    assert (sent.status_code, sent["Location"]) == (302, statement.get_absolute_url())
    case = f"/desk/moderation/{statement.pk}/"
    moderator = signed_in(moderators.first)
    assert WORDS in moderator.get("/desk/moderation/").content.decode()
    assert moderator.post(case, {"act": "hide", "rule": "H1", "sentence": "住址", "version": 0}).status_code == 302

    assert not [path for path in shown if WORDS in page(None, path)]
    assert moderator.get(case).status_code == 200
    assert [fault for name in proofs.names() for fault in proofs.faults(name) if "contribution" in fault] == []


def test_the_first_moderator_gets_403_with_the_reason_for_the_appeal(
    hidden: Contribution, county: County, moderators: Moderators
) -> None:
    ruling = queries.last_hiding(hidden)
    appeal = domain.appeal(ruling=ruling, person=county.resident, text="不对。", at=AT)
    path = f"/desk/moderation/appeals/{appeal.pk}/"
    sent = {"result": "restore", "sentence": "可以。"}
    first = signed_in(moderators.first)
    for response in (first.get(path), first.post(path, sent)):
        assert response.status_code == 403
        assert "申诉由另一位审核员处理" in response.content.decode()
    assert signed_in(moderators.second).post(path, sent).status_code == 302
    assert Appeal.objects.get().result == "restored"


def test_the_own_office_gets_403_with_the_reason(said: Contribution, moderators: Moderators, now: None) -> None:
    client = signed_in(moderators.insider)
    for response in (
        client.get(f"/desk/moderation/{said.pk}/"),
        client.post(f"/desk/moderation/{said.pk}/", {"act": "leave", "version": 0}),
    ):
        assert response.status_code == 403
        assert "由别的单位的审核员处理" in response.content.decode()


def test_many_are_hidden_and_undone_on_the_desk(
    consultation: Consultation, county: County, moderators: Moderators, now: None
) -> None:
    spam = [say(consultation, county.resident, f"大酬宾{number}") for number in range(3)]
    client = signed_in(moderators.first)
    seen = client.get(f"/desk/moderation/?account={county.resident.pk}").content.decode()
    assert all(f'value="{each.pk}:0"' in seen for each in spam)
    ticked = [f"{each.pk}:0" for each in spam]
    sent = {"act": "hide", "rule": "H6", "sentence": "广告。", "c": [*ticked, "x:y", "1:2:3"]}
    assert client.post("/desk/moderation/bulk/", sent).status_code == 302
    assert Contribution.objects.filter(state=State.HIDDEN).count() == 3
    assert client.post("/desk/moderation/bulk/", sent).status_code == 409
    undo = f"/desk/moderation/bulk/{Bulk.objects.get().pk}/undo/"
    assert undo in client.get("/desk/moderation/bulk/").content.decode()
    assert client.post(undo).status_code == 302
    assert Contribution.objects.filter(state=State.PUBLISHED).count() == 3
    assert undo not in client.get("/desk/moderation/bulk/").content.decode()
    assert client.post(undo).status_code == 409


def test_a_newcomer_reads_at_once_that_their_words_wait_and_why(
    consultation: Consultation, county: County, moderators: Moderators, now: None
) -> None:
    Person.objects.filter(pk=county.resident.pk).update(joined_at=AT - timedelta(hours=1))
    slow.start(consultation=consultation, actor=moderators.first, reason="刷屏太多。", until=AT + DAY, at=AT)
    client = signed_in(county.resident)
    path = f"{consultation.get_absolute_url()}say/"
    seen = client.post(path, {"kind": "comment", "text": "我的话要等一等"}, follow=True).content.decode()
    assert "您的话已保存，正在等审核员查看" in seen
    assert "这里开启了慢速模式" in seen
    assert "我的话要等一等" in seen
    said = Contribution.objects.get()
    for path in (said.get_absolute_url(), consultation.get_absolute_url()):
        assert "我的话要等一等" not in page(county.neighbour, path)
    assert "刷屏太多。" in page(None, consultation.get_absolute_url())


def test_slow_mode_is_switched_on_and_off_on_the_desk(
    consultation: Consultation, moderators: Moderators, now: None
) -> None:
    client, path = signed_in(moderators.first), "/desk/consultations/bus-lines/slow/"
    assert client.post(path, {"hours": "8", "reason": ""}).status_code == 422
    assert client.post(path, {"hours": "8", "reason": "刷屏。"}).status_code == 302
    assert SlowMode.objects.in_force(AT).exists()
    assert client.post(path, {"stop": "1"}).status_code == 302
    assert not SlowMode.objects.in_force(AT).exists()
    assert client.post(path, {"stop": "1"}).status_code == 409


def test_the_counts_of_a_month_name_nobody_and_merge_small_cells(
    consultation: Consultation, county: County, moderators: Moderators, open_consultation: Opener, now: None
) -> None:
    words = [say(consultation, county.resident, f"第{number}句") for number in range(9)]
    for number, each in enumerate(words):
        domain.report(
            contribution=each, person=county.neighbour, rule="H6", sentence="广告。", at=AT - timedelta(hours=4)
        )
        rule = "H6" if number < 6 else "H1"
        domain.judge(
            contribution=each, actor=moderators.first, act=Act.HIDE, rule=rule, sentence="看过。", version=0, at=AT
        )
    seen = page(None, "/moderation/")
    assert "4.0 小时" in seen
    assert "合计：" in seen
    for name in ("first", "resident", "neighbour"):
        assert name not in seen
    assert Client().get("/moderation/?month=2026-13").status_code == 200
    assert Client().get("/moderation/?month=0001-01").status_code == 200


def test_hidden_words_are_not_quoted_in_anybody_elses_list(hidden: Contribution, county: County) -> None:
    seen = page(county.official, "/me/supported/")
    assert WORDS not in seen
