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
HEAD = kinds.declare(
    "consult:poll-head",
    title=_("Head of the bulletin, entry %(number)s: %(title)s"),
    body=_("%(hash)s — keep it: whoever holds it notices when an earlier entry is changed."),
    group=kinds.FOLLOWS,
    label=_("The head of a vote you observe, once a day"),
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
