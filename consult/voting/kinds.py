"""What people are told of polls."""

from django.utils.translation import gettext_lazy as _

from civic.notify import kinds

OPENED = kinds.declare(
    "consult:poll-opened",
    title=_("Voting has begun: %(title)s"),
    body=_("You follow this matter. Who may vote can do so until %(until)s."),
    group=kinds.FOLLOWS,
    label=_("Voting begins in something you follow"),
)
COUNTED = kinds.declare(
    "consult:poll-counted",
    title=_("Result of a vote: %(title)s"),
    body=_("The vote was counted. Everybody on the roll is told, whether they voted or not."),
    group=kinds.FOLLOWS,
    label=_("A vote you could take part in was counted"),
)
