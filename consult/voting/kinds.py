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
MEETING_CALLED = kinds.declare(
    "consult:meeting-called",
    title=_("A meeting decides: %(title)s"),
    body=_("It begins on %(when)s: %(venue)s. Hands are raised there; nothing is cast on the site."),
    group=kinds.FOLLOWS,
    label=_("A meeting decides something you follow"),
)
WITNESS_ASKED = kinds.declare(
    "consult:meeting-witness",
    title=_("You are a witness of a meeting: %(title)s"),
    body=_(
        "The clerk wrote down the numbers. Compare them with what you saw, and confirm them only if they are right."
    ),
    group=kinds.WORK,
    label=_("Minutes of a meeting wait for you as a witness"),
)
MEETING_DECIDED = kinds.declare(
    "consult:meeting-decided",
    title=_("Minutes of the meeting: %(title)s"),
    body=_("Two witnesses confirmed the numbers. The minutes are published with what follows from them."),
    group=kinds.FOLLOWS,
    label=_("A meeting you follow has decided"),
)
HEAD = kinds.declare(
    "consult:poll-head",
    title=_("Head of the bulletin, entry %(number)s: %(title)s"),
    body=_("%(hash)s — keep it: whoever holds it notices when an earlier entry is changed."),
    group=kinds.FOLLOWS,
    label=_("The public bulletin of a vote you observe, once a day"),
)
ANSWERED = kinds.declare(
    "consult:poll-objection-answered",
    title=_("Your objection was answered: %(title)s"),
    body=_("The answer stands beside your objection on the page of the result."),
    group=kinds.ANSWERS,
    label=_("An objection you made to a vote was answered"),
)
TO_ANSWER = kinds.declare(
    "consult:poll-objected",
    title=_("Somebody objected to a vote: %(title)s"),
    body=_("It waits for an answer at your desk."),
    group=kinds.WORK,
    label=_("Somebody objected to a vote of your office"),
)
