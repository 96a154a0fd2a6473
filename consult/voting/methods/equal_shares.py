"""The method of equal shares: the budget is divided equally among the voters, and supporters buy projects together.

The project whose supporters pay least for each unit of money it brings them is bought next (utility is cost); a
supporter who has less than the share pays what is left. When money remains that nobody can use, every voter's share is
raised by one step and all is counted anew; the last count that stays within the budget holds (add-1). All amounts are
exact.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

from consult.voting.methods.greedy import money
from consult.voting.methods.lots import Lots
from consult.voting.methods.outcomes import Outcome, Stage, Tie
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots, counted, number_of, taken_apart

Supporters = list[tuple[int, int, list[int]]]  # points each gives, ballots each stands for, which distinct ballots


@dataclass(frozen=True)
class _Purchase:
    project: str
    supporters: int
    most_paid: Fraction
    tied: tuple[str, ...]


@dataclass(frozen=True)
class _Election:
    """What stays the same in every round. Money is counted in parts: one unit is as many parts as there are voters."""

    costs: dict[str, int]
    supporters: dict[str, Supporters]
    weights: dict[str, int]
    ballots: int
    most: int


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Return the projects bought, one stage for each in the order of buying, of the round that holds."""
    budget, costs = money(rules)
    said, blank = taken_apart(ballots, "choices", "scores")
    voters = number_of(said)
    totals = counted(said, rules.ids)
    lots = Lots(seed, rules.ids)
    least = max(rules.minimum_score or 0, 1)
    wanted = [project for project in rules.ids if totals[project] >= least and costs[project] <= budget]
    election = _prepared(said, wanted, {project: costs[project] * voters for project in wanted}, rules.max_projects)
    bought: list[_Purchase] = []
    first: tuple[str, ...] = ()
    raises = 0
    share = budget
    if voters:
        bought = _Round(election, share, lots).run(None)
        first = tuple(sorted(purchase.project for purchase in bought))
        while not _is_complete(bought, wanted, costs, budget, election.most):
            following = _Round(election, share + rules.raise_by * voters, lots).run(budget * voters)
            if sum(costs[purchase.project] for purchase in following) > budget:
                break
            bought, share, raises = following, share + rules.raise_by * voters, raises + 1
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


def _prepared(said: Sequence[tuple[Any, int]], wanted: list[str], costs: dict[str, int], most: int | None) -> _Election:
    found: dict[str, dict[tuple[int, int], list[int]]] = {project: {} for project in wanted}
    for ballot, (value, number) in enumerate(said):
        for project in value:
            if project in found:
                points = value[project] if isinstance(value, dict) else 1
                if points:
                    found[project].setdefault((points, number), []).append(ballot)
    supporters = {
        project: [(points, number, who) for (points, number), who in groups.items()]
        for project, groups in found.items()
    }
    weights = {
        project: sum(points * number * len(who) for points, number, who in groups)
        for project, groups in supporters.items()
    }
    return _Election(costs, supporters, weights, len(said), len(costs) if most is None else most)


def _is_complete(bought: list[_Purchase], wanted: list[str], costs: dict[str, int], budget: int, most: int) -> bool:
    """Tell whether nothing more fits, in money or in number."""
    chosen = {purchase.project for purchase in bought}
    left = budget - sum(costs[project] for project in chosen)
    return len(chosen) >= most or all(costs[project] > left for project in wanted if project not in chosen)


def _ties(bought: list[_Purchase], lots: Lots) -> tuple[Tie, ...]:
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


class _Round:
    """One count at one share.

    Voters with the same amount left are one purse, so that an amount is compared once however many
    hold it. Amounts are whole numbers of a part of a unit; when a price needs finer parts, all are refined.
    """

    def __init__(self, election: _Election, share: int, lots: Lots) -> None:
        self.election = election
        self.lots = lots
        self.fineness = 1
        self.purses = [share]
        self.purse_of = [0] * election.ballots

    def run(self, limit: int | None) -> list[_Purchase]:
        """Buy until nobody can buy anything, or until more than ``limit`` is spent."""
        queue = [
            (Fraction(1, self.election.weights[project]), place, project, -1)
            for place, project in enumerate(self.election.supporters)
        ]
        heapq.heapify(queue)
        bought: list[_Purchase] = []
        spent = 0
        while queue and len(bought) < self.election.most and (limit is None or spent <= limit):
            candidates = self._cheapest(queue, len(bought))
            if not candidates:
                break
            names = [entry[2] for entry in candidates]
            project = self.lots.order(len(bought) + 1, names)[0] if len(names) > 1 else names[0]
            for entry in candidates:
                if entry[2] != project:
                    heapq.heappush(queue, entry)
            supporters, most_paid = self._buy(project)
            bought.append(_Purchase(project, supporters, most_paid, tuple(names) if len(names) > 1 else ()))
            spent += self.election.costs[project]
        return bought

    def _cheapest(self, queue: list[tuple[Fraction, int, str, int]], step: int) -> list[tuple[Fraction, int, str, int]]:
        """Take the projects with the lowest price for a unit of utility off the queue.

        An entry holds the price when it was last looked at; amounts only fall, so prices only rise and an old price
        is never too high.
        """
        best: list[tuple[Fraction, int, str, int]] = []
        while queue and (not best or queue[0][0] <= best[0][0]):
            entry = heapq.heappop(queue)
            if entry[3] == step:
                best.append(entry)
                continue
            price = self._price(entry[2])
            if price is not None:
                heapq.heappush(queue, (price, entry[1], entry[2], step))
        return best

    def _held(self, project: str) -> dict[tuple[int, int], int]:
        """Return how many supporters hold each purse, by the points they give."""
        held: dict[tuple[int, int], int] = {}
        for points, number, who in self.election.supporters[project]:
            for purse, times in Counter(map(self.purse_of.__getitem__, who)).items():
                key = (purse, points)
                held[key] = held.get(key, 0) + times * number
        return held

    def _share_of(self, project: str) -> tuple[int, int] | None:
        """Return what each supporter pays for a point, as a pair of numbers, or nothing when they cannot afford it."""
        cost = self.election.costs[project] * self.fineness
        weight = 0
        amounts = []
        for (purse, points), number in self._held(project).items():
            amount = self.purses[purse]
            if amount:
                amounts.append((amount, points, number))
                weight += points * number
        if all(points == 1 for _amount, points, _number in amounts):
            amounts.sort()
        else:
            amounts.sort(key=lambda row: Fraction(row[0], row[1]))
        for amount, points, number in amounts:
            if cost * points <= amount * weight:
                return cost, weight
            cost -= amount * number
            weight -= points * number
        return None

    def _price(self, project: str) -> Fraction | None:
        share = self._share_of(project)
        if share is None:
            return None
        return Fraction(share[0], share[1] * self.election.costs[project] * self.fineness)

    def _buy(self, project: str) -> tuple[int, Fraction]:
        share = self._share_of(project)
        assert share is not None, "only what can be afforded is bought"
        paid, weight = share
        finer = weight // gcd(paid, weight)
        if finer > 1:
            self.fineness *= finer
            self.purses = [amount * finer for amount in self.purses]
        price = paid * finer // weight
        places = {amount: place for place, amount in enumerate(self.purses)}
        payers = 0
        most = 0
        for points, number, who in self.election.supporters[project]:
            after: dict[int, int] = {}
            for purse, times in Counter(map(self.purse_of.__getitem__, who)).items():
                amount = self.purses[purse]
                pays = min(amount, price * points)
                if pays:
                    payers += times * number
                    most = max(most, pays)
                left = amount - pays
                if left not in places:
                    places[left] = len(self.purses)
                    self.purses.append(left)
                after[purse] = places[left]
            for ballot in who:
                self.purse_of[ballot] = after[self.purse_of[ballot]]
        return payers, Fraction(most, self.fineness)
