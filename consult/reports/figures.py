"""What each printed figure means: its base, and what it leaves out."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Figure:
    """A figure's name, of how many it is (``base``), and what is not among them (``excludes``)."""

    key: str
    label: str | Promise
    base: str | Promise
    excludes: str | Promise


_PUBLIC = _("taken back, held or hidden when the result was frozen")
_ROOTS = _("public contributions (comments and proposals)")
_PEOPLE = _("people who took part")
_NOTHING = _("nothing")

FIGURES = {
    figure.key: figure
    for figure in (
        Figure("contributions", _("Contributions"), _("everything received but responses"), _PUBLIC),
        Figure("responses", _("Responses to contributions"), _("all responses received"), _PUBLIC),
        Figure("supports", _("Supports"), _("supports of public contributions and responses"), _PUBLIC),
        Figure("withheld", _("Not public"), _("everything received, responses included"), _NOTHING),
        Figure("kind", _("Contributions by kind"), _ROOTS, _PUBLIC),
        Figure("clause", _("Contributions by clause"), _ROOTS, _PUBLIC),
        Figure("channel", _("Contributions by channel"), _ROOTS, _PUBLIC),
        Figure("assisted", _("Contributions somebody helped to enter"), _ROOTS, _PUBLIC),
        Figure(
            "people", _("People who took part"), _("people who said, responded to or supported something"), _NOTHING
        ),
        Figure(
            "part",
            _("What people did"),
            _PEOPLE,
            _("what is not public, and supports taken back; one person may have done several things"),
        ),
        Figure("place", _("People by where they live"), _PEOPLE, _("nobody; numbers below 5 are added together")),
        Figure("answered", _("Answered"), _ROOTS, _PUBLIC),
        Figure("outcome", _("Contributions by outcome"), _ROOTS, _PUBLIC),
        Figure("answers", _("Published answers"), _("answers published for this consultation"), _NOTHING),
        Figure(
            "days",
            _("Days from word to answer"),
            _("answered public contributions"),
            _("contributions without an answer"),
        ),
        Figure("changed", _("Clauses that change"), _("clauses of the text that was put up"), _NOTHING),
    )
}

# parts whose words are ours; those of places and clauses are kept in the result itself
PARTS: dict[tuple[str, str], str | Promise] = {
    ("clause", ""): _("the text as a whole"),
    ("place", "together"): _("other places together"),
    ("place", "elsewhere"): _("elsewhere, or not said"),
    ("part", "said"): _("commented or proposed"),
    ("part", "responded"): _("responded"),
    ("part", "supported"): _("supported"),
    ("days", "median"): _("median"),
    ("days", "longest"): _("longest"),
    ("withheld", "withdrawn"): _("taken back by their authors"),
    ("withheld", "held"): _("held for a moderator"),
    ("withheld", "hidden"): _("hidden by a moderator"),
}
