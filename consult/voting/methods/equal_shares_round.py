"""One round of equal shares: everybody has the same amount, supporters buy together."""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

from consult.voting.methods.lots import Lots

Supporters = list[tuple[int, int, list[int]]]  # points each gives, ballots each stands for, which distinct ballots
Entry = tuple[Fraction, int, str, int]  # price when last looked at, place among the projects, project, at which step


@dataclass(frozen=True)
class Purchase:
    """One project bought: its price for a unit of utility, who else had the same, and what was paid for it."""

    project: str
    price: Fraction
    tied: tuple[str, ...]
    supporters: int
    most_paid: Fraction


@dataclass(frozen=True)
class Election:
    """What stays the same in every round. Money is counted in parts: one unit is as many parts as there are voters."""

    costs: dict[str, int]
    supporters: dict[str, Supporters]
    weights: dict[str, int]
    heads: dict[str, int]
    ballots: int
    plain: bool
    most: int


def prepared(said: Sequence[tuple[Any, int]], wanted: list[str], costs: dict[str, int], most: int | None) -> Election:
    """Return what every round starts from; ``costs`` are in parts."""
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
    heads = {
        project: sum(number * len(who) for _points, number, who in groups) for project, groups in supporters.items()
    }
    plain = all(points == 1 for groups in supporters.values() for points, _number, _who in groups)
    return Election(costs, supporters, weights, heads, len(said), plain, len(costs) if most is None else most)


class Round:
    """One count at one share.

    Voters with the same amount left are one purse, so that an amount is compared once however many
    hold it. Amounts are whole numbers of a part of a unit; when a price needs finer parts, all are refined.
    """

    def __init__(self, election: Election, share: int, lots: Lots) -> None:
        self.election = election
        self.lots = lots
        self.fineness = 1
        self.purses = [share]
        self.purse_of = [0] * election.ballots

    def run(self, limit: int | None = None) -> list[Purchase]:
        """Buy until nobody can buy anything, or until more than ``limit`` is spent."""
        queue = self._queue()
        bought: list[Purchase] = []
        spent = 0
        while len(bought) < self.election.most and (limit is None or spent <= limit):
            names, price = self._cheapest(queue, len(bought))
            if not names:
                break
            bought.append(self._bought(queue, names, price, len(bought)))
            spent += self.election.costs[bought[-1].project]
        return bought

    def follow(self, lower: Sequence[Purchase]) -> list[Purchase] | None:
        """Buy the same as a round with smaller shares did, if every round between the two must do so too.

        With the same purchases behind them, people have more left the larger their share, so no price is
        higher than with a smaller one. When here every other project costs more than what was bought cost there, that
        one comes first at every share between; several that cost the same must cost exactly that here and there.
        """
        queue = self._queue()
        bought: list[Purchase] = []
        for before in lower:
            names, price = self._cheapest(queue, len(bought))
            same = set(names) == set(before.tied or (before.project,)) and (len(names) == 1 or price == before.price)
            if not same or not self._others_cost_more(queue, before.price, len(bought)):
                return None
            bought.append(self._bought(queue, names, price, len(bought)))
        full = len(bought) >= self.election.most
        return bought if full or not self._cheapest(queue, len(bought))[0] else None

    def _queue(self) -> list[Entry]:
        """Return every project its supporters could pay together, at the lowest price it can ever have."""
        queue = [
            (Fraction(1, self.election.weights[project]) if cost else Fraction(0), place, project, -1)
            for place, (project, cost) in enumerate(self.election.costs.items())
            if self.election.heads[project] and self.purses[0] * self.election.heads[project] >= cost
        ]
        heapq.heapify(queue)
        return queue

    def _cheapest(self, queue: list[Entry], step: int) -> tuple[list[str], Fraction]:
        """Take the projects with the lowest price off the queue.

        An entry holds the price when it was last looked at; amounts only fall, so prices only rise and an old price is
        never too high.
        """
        names: list[str] = []
        price = Fraction(0)
        while queue and (not names or queue[0][0] <= price):
            if queue[0][3] == step:
                price, _place, project, _step = heapq.heappop(queue)
                names.append(project)
            else:
                self._look_again(queue, step)
        return names, price

    def _others_cost_more(self, queue: list[Entry], price: Fraction, step: int) -> bool:
        while queue and queue[0][0] <= price:
            if queue[0][3] == step:
                return False
            self._look_again(queue, step)
        return True

    def _look_again(self, queue: list[Entry], step: int) -> None:
        """Put the first of the queue back at its present price, or leave it out when nobody can pay it any more."""
        _price, place, project, _step = heapq.heappop(queue)
        price = self._price(project)
        if price is not None:
            heapq.heappush(queue, (price, place, project, step))

    def _bought(self, queue: list[Entry], names: list[str], price: Fraction, step: int) -> Purchase:
        """Buy one of those with the lowest price, drawn when they are several, and put the others back."""
        project = self.lots.order(step + 1, names)[0] if len(names) > 1 else names[0]
        for place, other in enumerate(self.election.costs):
            if other in names and other != project:
                heapq.heappush(queue, (price, place, other, step))
        supporters, most_paid = self._buy(project)
        return Purchase(project, price, tuple(names) if len(names) > 1 else (), supporters, most_paid)

    def _share_of(self, project: str) -> tuple[int, int] | None:
        """Return what each supporter pays for a point, as a pair of numbers, or nothing when they cannot afford it."""
        cost = self.election.costs[project] * self.fineness
        if not cost:
            return 0, 1
        amounts: list[tuple[int, int, int]] = []
        weight = held = 0
        for points, number, who in self.election.supporters[project]:
            for purse, times in Counter(map(self.purse_of.__getitem__, who)).items():
                amount = self.purses[purse]
                if amount:
                    amounts.append((amount, points, times * number))
                    weight += points * times * number
                    held += amount * times * number
        if held < cost:
            return None
        if self.election.plain:
            amounts.sort()
        else:
            amounts.sort(key=lambda row: Fraction(row[0], row[1]))
        for amount, points, number in amounts:
            if cost * points <= amount * weight:
                break
            cost -= amount * number
            weight -= points * number
        return cost, weight

    def _price(self, project: str) -> Fraction | None:
        share = self._share_of(project)
        if share is None or not share[0]:
            return share and Fraction(0)
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
