"""How a journey goes from page to page.

``click()`` and ``press()`` return when the thing is pressed: what is read, audited or opened right after them may be
the page one is leaving, and an address opened right after them takes the place of what was being sent.  So whatever
leads to a page is pressed through here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def to_next_page(page: Any) -> Iterator[None]:
    """Leave the block when the page its press leads to is there whole, be its address a new one or the same."""
    with page.expect_navigation(wait_until="load"):
        yield


def follow(locator: Any) -> None:
    """Press a link or a button, and return when the page it leads to is there whole."""
    with to_next_page(locator.page):
        locator.click()


def enter(locator: Any) -> None:
    """Send a form from one of its boxes, and return when the page that answers is there whole."""
    with to_next_page(locator.page):
        locator.press("Enter")
