"""Every address of the site against the cast: see ``access_matrix.py``."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from tests.architecture import access_matrix
from tests.architecture.access_answers import CAST, LIKE, Row, answer_of
from tests.architecture.conftest import World, browser_of

CMS = "cms/"


def _names(resolver: Any, prefix: str = "", space: str = "") -> Iterator[str]:
    """Yield the name of every address outside the CMS."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if path.startswith(CMS):
            continue
        if hasattr(pattern, "url_patterns"):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern, path, inner)
        elif pattern.name:
            yield space + pattern.name


@pytest.mark.django_db
def test_every_address_of_the_site_stands_in_the_table(world: World) -> None:
    missing = set(_names(get_resolver())) - {row.name for row in access_matrix.rows(world)}
    assert not missing, f"Say who may open these, in tests/architecture/access_matrix.py: {sorted(missing)}"


@pytest.mark.django_db
def test_every_row_of_the_table_has_its_address(world: World) -> None:
    lost = []
    for row in access_matrix.rows(world):
        try:
            reverse(row.name, args=row.args)
        except NoReverseMatch:
            lost.append(row.name)
    assert not lost, f"No such address: {lost}"


EVERYONE = [*CAST, *LIKE]
#: They ask for the others too where everybody is answered alike.
SPOKESMEN = ("anonymous", "resident", "official", "auditor")
#: One world serves five of them; what a request did in it is undone.
TOGETHER = [EVERYONE[first : first + 5] for first in range(0, len(EVERYONE), 5)]


@pytest.mark.django_db
@pytest.mark.parametrize("people", TOGETHER, ids="-".join)
def test_each_of_the_cast_is_answered_as_the_table_says(world: World, people: list[str]) -> None:
    wrong = []
    rows = access_matrix.rows(world)
    for who in people:
        browser = browser_of(world, who)
        for row in rows:
            if who not in SPOKESMEN and len(set(row.answers.values())) == 1:
                continue
            got, wanted = _ask(browser, row), answer_of(row, who)
            if got != wanted:
                method = "GET" if row.data is None else "POST"
                wrong.append(f"{who}: {method} {reverse(row.name, args=row.args)} ({row.name}): {got}, not {wanted}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/cms/", "/cms/login/", "/cms/pages/", "/_util/login/"])
def test_nobody_is_sent_in_circles_by_the_cms(world: World, path: str) -> None:
    client = browser_of(world, "resident")
    assert client.get(path, follow=True).status_code in {200, 404}


def _ask(browser: Client, row: Row) -> int:
    """Return the answer's status; nothing of the request remains, neither in the database nor in the browser."""
    url = reverse(row.name, args=row.args) + (row.query and f"?{row.query}")
    kept = SimpleCookie(browser.cookies)
    with transaction.atomic():
        response = browser.get(url) if row.data is None else browser.post(url, row.data)
        if response.streaming:
            list(response)  # files are closed by whoever has read them
        transaction.set_rollback(True)
    browser.cookies = kept
    return response.status_code
