"""How each poll is voted in and counted, in a sentence or three."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from consult.voting.models import Method, Poll

HOW = {
    Method.YES_NO: gettext_lazy("Say yes, no or abstain. It is carried when more say yes than no."),
    Method.CHOOSE: gettext_lazy("Tick what you want. What most people ticked wins."),
    Method.APPROVAL: gettext_lazy("Tick everything you could live with. What most people ticked wins."),
    Method.SCORE: gettext_lazy("Give each choice points, or none if you do not know it. The best average wins; the middle score is shown beside it."),
    Method.IRV: gettext_lazy("Number your choices 1, 2, 3. When none is first on more than half of the ballots, the last is taken out and its ballots move to their next choice."),
    Method.STV: gettext_lazy("Number your choices 1, 2, 3. Who reaches the quota is elected, and what is over it moves on to the next choices."),
    Method.SCHULZE: gettext_lazy("Number your choices; equal numbers are allowed. Every two are compared, and who beats all others wins."),
    Method.GREEDY_SKIP: gettext_lazy("Tick every project you want. Most wanted first, and what no longer fits is passed over."),
    Method.GREEDY_STOP: gettext_lazy("Tick every project you want. Most wanted first, until one no longer fits."),
    Method.GREEDY_MINIMUM: gettext_lazy("Tick every project you want. Most wanted first, and none that too few want."),
    Method.EQUAL_SHARES: gettext_lazy("Tick every project you want. Every voter has an equal share of the money, and supporters buy projects together."),
}  # fmt: skip
#: The same where voters spread points over the projects instead of ticking them.
IN_POINTS = {
    Method.GREEDY_SKIP: gettext_lazy("Spread your points over the projects you want. Most points first, and what no longer fits is passed over."),
    Method.GREEDY_STOP: gettext_lazy("Spread your points over the projects you want. Most points first, until one no longer fits."),
    Method.GREEDY_MINIMUM: gettext_lazy("Spread your points over the projects you want. Most points first, and none with too few."),
    Method.EQUAL_SHARES: gettext_lazy("Spread your points over the projects you want. Every voter has an equal share of the money, and those who gave a project points buy it together."),
}  # fmt: skip


#: The same where the poll's own rules say otherwise than the method alone.
BY_MIDDLE = gettext_lazy("Give each choice points, or none if you do not know it. The best middle score wins; the average is shown beside it.")  # fmt: skip
BY_MAJORITY = gettext_lazy("Say yes, no or abstain. It is carried when as many say yes as this poll asks for.")


def how_of(poll: Poll) -> str | Promise:
    """Return how this poll is voted in and counted."""
    method = Method(poll.method)
    if poll.points:
        return IN_POINTS[method]
    own = poll.rules["counting"] if poll.rules else poll.counting
    if method == Method.SCORE and own.get("score_by") == "median":
        return BY_MIDDLE
    if method == Method.YES_NO and own.get("majority"):
        return BY_MAJORITY
    return HOW[method]
