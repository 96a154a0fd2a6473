"""Addresses for the sitemap: our pages, and what other packages add."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Address:
    """One public address and when it last changed."""

    path: str
    changed_at: datetime | None = None


Maker = Callable[[datetime], Iterable[Address]]

_makers: list[Maker] = []


def add(maker: Maker) -> None:
    """Add public addresses to the sitemap; the maker is asked with the instant of the request."""
    _makers.append(maker)


def added(at: datetime) -> list[Address]:
    """Return what other packages added."""
    return [address for maker in _makers for address in maker(at)]
