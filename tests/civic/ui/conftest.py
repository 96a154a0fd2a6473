from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation


@pytest.fixture
def page_request(at: datetime) -> HttpRequest:
    """A request of a visitor at the tests' instant."""
    request = RequestFactory().get("/consultations/", {"sort": "new", "page": "2"})
    request.at = at  # type: ignore[attr-defined]
    request.user = AnonymousUser()
    return request


@pytest.fixture
def draw(page_request: HttpRequest) -> Callable[..., str]:
    """Return a function that renders template source, in English unless ``language`` says otherwise."""

    def draw(source: str, *, language: str = "en", **context: Any) -> str:
        with translation.override(language):
            return engines["django"].from_string(source).render(context, page_request)

    return draw


@pytest.fixture
def soup(draw: Callable[..., str]) -> Callable[..., BeautifulSoup]:
    """Return a function that renders template source and parses it."""
    return lambda source, **context: BeautifulSoup(draw(source, **context), "html.parser")
