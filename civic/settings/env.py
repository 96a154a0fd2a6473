"""Strict readers for environment variables.

Each reader returns a typed value or raises ``ImproperlyConfigured`` with a
sentence that names the variable and says what to write there.  An empty
variable counts as unset, because compose files pass empty ones.
"""

import os
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or ``default``; a variable without default is required."""
    value = os.environ.get(name) or default
    if value is None:
        raise ImproperlyConfigured(f"Set {name}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable (1/0, true/false, yes/no, on/off)."""
    value = os.environ.get(name, "").lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")
    return value in TRUE


def number(name: str, *, default: int, least: int | None = None) -> int:
    """Return a whole number, ``least`` or more."""
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        found = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if least is not None and found < least:
        raise ImproperlyConfigured(f"{name} must be {least} or more, not {found}.")
    return found


def url(name: str, value: str) -> SplitResult:
    """Return the parts of an address that can be read as one; the complaint repeats nothing of it: it may hold a password."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - read as a number only when it is asked for
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} cannot be read as an address: its port is a number, and #, /, ?, @, [ or ] in a password"
            " are written %23, %2F, %3F, %40, %5B and %5D."
        ) from None
    return parts


def choice(name: str, choices: Sequence[str], *, default: str) -> str:
    """Return one of ``choices``."""
    value = os.environ.get(name) or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def hours(name: str, *, default: str) -> tuple[int, int] | None:
    """Return two whole hours of a day, written 21-8; ``none`` means no such hours."""
    value = (os.environ.get(name) or default).strip()
    if value.lower() in {"", "none"}:
        return None
    since, dash, until = value.partition("-")
    if not (dash and since.isdecimal() and until.isdecimal() and since != until):
        raise ImproperlyConfigured(f"{name} must be two hours like 21-8, or none, not {value!r}.")
    if int(since) > 23 or int(until) > 23:
        raise ImproperlyConfigured(f"{name} must name hours from 0 to 23, not {value!r}.")
    return int(since), int(until)


def items(name: str, *, default: Sequence[str] = ()) -> list[str]:
    """Return a comma-separated list."""
    value = os.environ.get(name, "")
    return [part.strip() for part in value.split(",") if part.strip()] or list(default)


def networks(name: str, *, default: Sequence[str] = ()) -> list[IPv4Network | IPv6Network]:
    """Return a comma-separated list of addresses and networks; ``private`` stands for those no stranger comes from."""
    parts = [each for part in items(name, default=default) for each in (PRIVATE if part == "private" else [part])]
    try:
        return [ip_network(part, strict=False) for part in parts]
    except ValueError as fault:
        raise ImproperlyConfigured(f"{name} must list addresses or networks, such as 10.0.0.0/8: {fault}.") from None


def folder(name: str, *, default: Path) -> Path:
    """Return an absolute folder path (it need not exist yet)."""
    return Path(os.environ.get(name) or default).expanduser().resolve()


def database(name: str, *, default: str) -> dict[str, Any]:
    """Return Django's database settings for a URL.

    ``sqlite:///path`` (relative) or ``sqlite:////path`` (absolute), or
    ``postgres://user:password@host:port/name?option=value``.
    """
    parts = url(name, os.environ.get(name) or default)
    if parts.scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must start with sqlite:// or postgres://, not {parts.scheme}://.")
    if parts.path in {"", "/"}:
        raise ImproperlyConfigured(f"{name} names no database: it stands at the end, after a slash.")
    return _sqlite(unquote(parts.path[1:])) if parts.scheme == "sqlite" else _postgresql(parts)


def _sqlite(path: str) -> dict[str, Any]:
    # IMMEDIATE takes the write lock at BEGIN: a transaction that reads before it
    # writes would otherwise fail at once with "database is locked" under WAL.
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                " PRAGMA cache_size=-20000; PRAGMA mmap_size=134217728;"
            ),
        },
    }


def _postgresql(url: SplitResult) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "5", **dict(parse_qsl(url.query))},
    }


def email(name: str) -> dict[str, Any] | None:
    """Return Django's mail settings for a URL, or None when it is not set.

    ``smtp://user:password@host:port``, ``smtp+tls://…`` (STARTTLS, port 587) or
    ``smtps://…`` (TLS from the start, port 465).  ``outbox:`` says outright that
    mails are to be written into files, as they are when it is not set.
    """
    value = os.environ.get(name)
    if not value or value == "outbox:":
        return None
    parts = url(name, value)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports:
        raise ImproperlyConfigured(f"{name} must start with smtp://, smtp+tls:// or smtps://, not {parts.scheme}://.")
    if not parts.hostname:
        raise ImproperlyConfigured(f"{name} names no mail server: write {parts.scheme}://user:password@host:port.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }
