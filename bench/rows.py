"""What is measured: one row, one kind of request."""

from dataclasses import dataclass

TRIVIAL, INSERT = "trivial-view", "bare-insert"


@dataclass(frozen=True)
class Row:
    """One line of the table.  ``bar`` is the share of its limit it must reach, ``clients`` how many ask at once."""

    name: str
    path: str
    limit: str = TRIVIAL
    bar: float | None = None
    who: str = ""
    times: int = 1
    act: str = ""
    clients: int = 8
    statuses: tuple[int, ...] = (200,)


def rows() -> list[Row]:
    """Return every row, in the order of the table."""
    pages = {
        "home": "/",
        "consultation": "{consultation}",
        "contribution": "{contribution}",
        "search": "/search/?q=公交",
    }
    own = {
        "search-common": ("/search/?q=同意", "residents"),  # a word nine in ten documents hold
        "me": ("/me/", "residents"),
        "desk": ("/desk/", "officials"),
    }
    made = [Row(f"{name}-anonymous", path, bar=0.9) for name, path in pages.items()]
    signed_in = [
        *(Row(f"{name}-signed-in", path, who="residents", bar=_bar(name)) for name, path in pages.items()),
        *(Row(f"{name}-signed-in", path, who=who) for name, (path, who) in own.items()),
    ]
    made += signed_in
    made += [
        Row("comment", "{say}", INSERT, 0.10, "residents", act="comment", statuses=(302, 303)),
        Row("support", "{support}", INSERT, 0.15, "residents", act="support", statuses=(302, 303)),
        Row("ballot", "", INSERT, 0.12, "voters", act="ballot"),
        Row("ballot-64-clients", "", INSERT, 0.12, "voters", act="ballot", clients=64),
        Row("result-anonymous", "{result}", bar=0.9),
        Row("sign-in", "/accounts/login/", INSERT, act="sign-in", statuses=(302, 303)),
    ]
    return made + [Row(f"{row.name}-10x", row.path, who=row.who, times=10) for row in signed_in]


def _bar(name: str) -> float | None:
    return 0.01 if name in {"consultation", "contribution"} else None
