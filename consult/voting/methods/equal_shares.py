"""The method of equal shares: the budget is divided equally among the voters, and supporters buy projects together.

The project whose supporters pay least for each unit of money it brings them is bought next (utility is cost); a
supporter who has less than the share pays what is left. When money remains that nobody can use, every voter's share is
raised by one step and all is counted anew; the last count that stays within the budget holds (add-1). All amounts are
exact.
"""

from fractions import Fraction
from typing import Any

from consult.voting.methods.equal_shares_round import Election, Purchase, Round, prepared
from consult.voting.methods.greedy import money
from consult.voting.methods.lots import Lots
from consult.voting.methods.outcomes import Outcome, Stage, Tie
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots, counted, number_of, taken_apart


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Return the projects bought, one stage for each in the order of buying, of the round that holds."""
    budget, costs = money(rules)
    said, blank = taken_apart(ballots, "choices", "scores")
    voters = number_of(said)
    totals = counted(said, rules.ids)
    lots = Lots(seed, rules.ids)
    least = max(rules.minimum_score or 0, 1)
    wanted = [project for project in rules.ids if totals[project] >= least and costs[project] <= budget]
    election = prepared(said, wanted, {project: costs[project] * voters for project in wanted}, rules.max_projects)
    bought: list[Purchase] = []
    first: tuple[str, ...] = ()
    raises = 0
    if voters:
        step = rules.raise_by * voters
        bought = Round(election, budget, lots).run()
        first = tuple(sorted(purchase.project for purchase in bought))
        bought, raises = _raised(election, bought, lots, budget, step, voters)
    share = budget + raises * rules.raise_by * voters
    stages, left = [], budget
    for number, purchase in enumerate(bought, start=1):
        left -= costs[purchase.project]
        detail: dict[str, Any] = {
            "project": purchase.project,
            "cost": costs[purchase.project],
            "supporters": purchase.supporters,
            "most_paid": written(purchase.most_paid / voters),
            "left": left,
        }
        totals_here = {purchase.project: totals[purchase.project]}
        stages.append(Stage(number=number, totals=totals_here, elected=(purchase.project,), detail=detail))
    winners = tuple(sorted(purchase.project for purchase in bought))
    return Outcome(
        method=rules.method,
        valid=voters,
        blank=blank,
        winners=winners,
        totals=totals,
        stages=tuple(stages),
        ties=_ties(bought, lots),
        extra={
            "budget": budget,
            "cost": budget - left,
            "raises": raises,
            "share": written(Fraction(share, voters)) if voters else written(Fraction(0)),
            "without_raises": list(first),
        },
    )


def written(amount: Fraction) -> str:
    """Return an amount with five decimals, the rest cut off; counting itself is exact."""
    parts = amount.numerator * 100_000 // amount.denominator
    return f"{parts // 100_000}.{parts % 100_000:05d}"


def _raised(
    election: Election, bought: list[Purchase], lots: Lots, budget: int, step: int, voters: int
) -> tuple[list[Purchase], int]:
    """Raise every share step by step as long as the budget holds; return the last purchases and the number of raises.

    Where many rounds in a row must buy the same, they are leapt over (``Round.follow``): the result is that of
    going step by step.
    """
    limit = budget * voters
    raises, leap = 0, 1
    repeats, patience = 0, 1  # leaping is tried after so many equal rounds, later each time it was in vain
    while not _is_complete(election, bought, limit):
        if leap > 1:
            same = Round(election, budget + (raises + leap) * step, lots).follow(bought)
            if same is None:
                leap //= 4
                patience = min(patience * 2, 64)
            else:
                bought, raises, leap, patience = same, raises + leap, leap * 2, 1
            continue
        following = Round(election, budget + (raises + 1) * step, lots).run(limit)
        if sum(election.costs[purchase.project] for purchase in following) > limit:
            break
        repeated = [purchase.project for purchase in following] == [purchase.project for purchase in bought]
        bought, raises = following, raises + 1
        repeats = repeats + 1 if repeated else 0
        if repeats >= patience:
            repeats, leap = 0, 4
    return bought, raises


def _is_complete(election: Election, bought: list[Purchase], limit: int) -> bool:
    """Tell whether nothing more fits, in money or in number."""
    chosen = {purchase.project for purchase in bought}
    left = limit - sum(election.costs[project] for project in chosen)
    rest = (cost for project, cost in election.costs.items() if project not in chosen)
    return len(chosen) >= election.most or all(cost > left for cost in rest)


def _ties(bought: list[Purchase], lots: Lots) -> tuple[Tie, ...]:
    """Return the ties that may have mattered: of equals some were bought and some were not."""
    chosen = {purchase.project for purchase in bought}
    return tuple(
        Tie(
            stage=number,
            about="fund",
            between=purchase.tied,
            order=tuple(lots.order(number, purchase.tied)),
            by=lots.by,
        )
        for number, purchase in enumerate(bought, start=1)
        if not chosen.issuperset(purchase.tied)
    )
