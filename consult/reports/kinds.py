"""What people are told at the end of a consultation, and on the way there."""

from django.utils.translation import gettext_lazy as _

from civic.notify import kinds

OUTCOME = kinds.declare(
    "consult:outcome",
    title=_("“%(title)s” is answered: what became of your words"),
    body=_("%(mine)s\n\nOf all: contributions %(contributions)s, clauses that change %(changed)s."),
    group=kinds.ANSWERS,
    label=_("The result of a consultation you took part in"),
)
ENDED = kinds.declare(
    "consult:followed-answered",
    title=_("“%(title)s” is answered"),
    body=_("Contributions answered: %(contributions)s. Clauses that change: %(changed)s."),
    group=kinds.FOLLOWS,
    label=_("A consultation you follow is answered"),
)
REPLIED = kinds.declare(
    "consult:replied",
    title=_("%(office)s answered what you said on “%(title)s”"),
    body="%(mine)s",
    group=kinds.ANSWERS,
    label=_("An office answers what you said"),
)
EXTENDED = kinds.declare(
    "consult:extended",
    title=_("“%(title)s” stays open until %(until)s"),
    body=_("The reason given: %(note)s"),
    group=kinds.FOLLOWS,
    label=_("A consultation stays open longer"),
)
WITHDRAWN = kinds.declare(
    "consult:withdrawn",
    title=_("“%(title)s”, in which you took part, was withdrawn"),
    body=_("The reason given: %(note)s What you said stays readable."),
    group=kinds.ANSWERS,
    label=_("A consultation you took part in is withdrawn"),
)
FOLLOWED_WITHDRAWN = kinds.declare(
    "consult:followed-withdrawn",
    title=_("“%(title)s” was withdrawn"),
    body=_("The reason given: %(note)s"),
    group=kinds.FOLLOWS,
    label=_("A consultation you follow is withdrawn"),
)
