"""What people are writing, kept before they send it."""

import uuid
from datetime import datetime, timedelta

import pytest

from civic.core.refusals import Refused
from consult.consultations.models import Consultation
from consult.discussion import drafts
from consult.discussion.models import Draft
from tests.consult.conftest import AT, DAY, County, say

BROWSER = drafts.Owner(token="t")


def kept(
    consultation: Consultation,
    text: str,
    *,
    owner: drafts.Owner = BROWSER,
    box: str = "comment",
    at: datetime = AT,
    version: int = 0,
) -> Draft:
    """Keep what was typed."""
    return drafts.save(owner=owner, consultation=consultation, box=box, text=text, title="", version=version, at=at)


def texts_of(county: County) -> list[str]:
    return list(Draft.objects.filter(person=county.resident).values_list("text", flat=True))


def test_a_draft_typed_before_signing_in_follows_its_author(county: County, consultation: Consultation) -> None:
    kept(consultation, "写了一半")
    drafts.claim(token="t", person=county.resident, at=AT)
    assert texts_of(county) == ["写了一半"]


def test_words_left_in_a_shared_browser_do_not_follow_whoever_signs_in_later(
    county: County, consultation: Consultation
) -> None:
    kept(consultation, "早上那个人写的")
    assert drafts.claim(token="t", person=county.resident, at=AT + drafts.CLAIM_WITHIN) == 0
    assert texts_of(county) == []


def test_a_claimed_draft_does_not_cost_the_person_their_own(county: County, consultation: Consultation) -> None:
    kept(consultation, "昨天在家写的", owner=drafts.Owner(person=county.resident), at=AT - DAY)
    kept(consultation, "刚才写的")
    drafts.claim(token="t", person=county.resident, at=AT)
    [text] = texts_of(county)
    assert text.startswith("刚才写的")
    assert text.endswith("昨天在家写的")


def test_two_windows_cannot_overwrite_each_others_draft(county: County, consultation: Consultation) -> None:
    first = kept(consultation, "一")
    kept(consultation, "二", version=first.version)
    with pytest.raises(Refused) as caught:
        kept(consultation, "三", version=first.version)
    assert (caught.value.reason.code, Draft.objects.get().text) == ("other-tab", "二")


def test_publishing_removes_the_draft(county: County, consultation: Consultation) -> None:
    kept(consultation, "一", owner=drafts.Owner(person=county.resident))
    say(consultation, county.resident, "一")
    assert not Draft.objects.exists()


@pytest.mark.parametrize("box", ["comment", "proposal", "reply-7", f"comment-{uuid.UUID(int=7)}"])
def test_the_boxes_of_our_forms_are_kept(consultation: Consultation, box: str) -> None:
    assert kept(consultation, "一", box=box).box == box


@pytest.mark.parametrize("box", ["", "anything", "reply-", "reply-七", "comment-7", "statement", "comment\n"])
def test_a_box_no_form_has_is_refused(consultation: Consultation, box: str) -> None:
    with pytest.raises(Refused) as caught:
        kept(consultation, "一", box=box)
    assert caught.value.reason.code == "no-such-box"


def test_nothing_is_kept_once_the_time_is_over(consultation: Consultation) -> None:
    with pytest.raises(Refused) as caught:
        kept(consultation, "一", at=consultation.closes_at)
    assert caught.value.reason.code == "is-over"


def test_a_browser_nobody_signed_in_on_keeps_a_limited_number(consultation: Consultation) -> None:
    for number in range(drafts.MOST_PER_BROWSER):
        kept(consultation, "一", box=f"reply-{number}")
    with pytest.raises(Refused) as caught:
        kept(consultation, "一", box="comment")
    assert caught.value.reason.code == "too-many-drafts"
    assert kept(consultation, "二", box="reply-0", version=1).version == 2


@pytest.mark.parametrize(
    ("signed_in", "age", "left"),
    [
        (False, drafts.UNSIGNED_KEPT_FOR, 0),
        (False, drafts.UNSIGNED_KEPT_FOR - timedelta(seconds=1), 1),
        (True, drafts.UNSIGNED_KEPT_FOR, 1),
        (True, drafts.KEPT_FOR, 0),
    ],
)
def test_drafts_nobody_came_back_to_are_deleted(
    county: County, consultation: Consultation, signed_in: bool, age: timedelta, left: int
) -> None:
    kept(consultation, "一", owner=drafts.Owner(person=county.resident) if signed_in else BROWSER)
    drafts.purge(at=AT + age)
    assert Draft.objects.count() == left
