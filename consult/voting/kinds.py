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
BEGUN = kinds.declare(
    "consult:poll-begun",
    title=_("You may vote: %(title)s"),
    body=_("You are on the roll and may vote until %(until)s. Everybody on the roll gets this notice, once."),
    group=kinds.FOLLOWS,
    label=_("A vote you may take part in has begun"),
)
STUCK = kinds.declare(
    "consult:poll-stuck",
    title=_("Voting cannot begin as it is: %(title)s"),
    body=_("%(why)s It is tried again every few seconds; look at the poll’s page at the desk."),
    group=kinds.WORK,
    label=_("A poll of your office could not be prepared"),
)
COUNTED = kinds.declare(
    "consult:poll-counted",
    title=_("Result of a vote: %(title)s"),
    body=_("The vote was counted. Everybody on the roll is told, whether they voted or not."),
    group=kinds.FOLLOWS,
    label=_("A vote you could take part in was counted"),
)
