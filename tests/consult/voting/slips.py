"""Short ways to print slips, hand them out and key them."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import paper
from consult.voting.models import Poll
from consult.voting.paper import NewSlip, Reading
from tests.consult.conftest import AT

PARK, ROAD = {"choices": ["park"]}, {"choices": ["road"]}


def pack(poll: Poll, clerk: Person, slips: int = 3) -> tuple[NewSlip, ...]:
    return paper.make_pack(poll=poll, actor=clerk, slips=slips, submission=uuid.uuid4(), at=AT).slips


def hand_out(poll: Poll, people: list[Person], keyer: Person) -> None:
    for each in people:
        paper.hand_out(poll=poll, person=each, actor=keyer, at=AT)


def key_twice(poll: Poll, slip: NewSlip, keyers: list[Person], *said: Any, at: Any = AT) -> Reading:
    for keyer, content in zip(keyers, said or (PARK, PARK), strict=False):
        reading = paper.key(poll=poll, actor=keyer, code=slip.code, content=content, at=at)
    return reading


def refused(deed: Any) -> str:
    try:
        deed()
    except (Refused, Unfit) as refusal:
        return refusal.reason.code
    pytest.fail("this was allowed")


def outcome(poll: Poll) -> Any:
    assert poll.result is not None
    return poll.result["outcome"]


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def printed(page: str) -> dict[int, tuple[str, str]]:
    """Read number, code and receipt off the sheets."""
    slips = re.findall(
        r'class="no">[^<]*?(\d{5})<.*?class="code">.*?<b>([^<]+)</b>.*?class="receipt">.*?<b>([^<]+)</b>',
        page,
        re.DOTALL,
    )
    return {int(number): (code, receipt) for number, code, receipt in slips}
