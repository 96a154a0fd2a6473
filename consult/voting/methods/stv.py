"""Single transferable vote by the Scottish rule (Scottish Local Government Elections Order 2011, schedule 1, rules 45-52).

Everything is counted in hundred-thousandths of a vote, as the rule says: "five decimal places (any remainder being ignored)".
"""

from dataclasses import dataclass, field
from typing import Any

from consult.voting.methods.lots import Lots
from consult.voting.methods.outcomes import Outcome, Stage, Tie
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots, number_of, rankings, separated

UNIT = 100_000

Parcel = tuple[tuple[str, ...], int, int, int]  # the ranking, where in it the holder stands, value of each, how many


def written(amount: int) -> str:
    """Return an amount of votes as the rule writes it: 904.00000."""
    return f"{amount // UNIT}.{amount % UNIT:05d}"


@dataclass
class _Count:
    """The state between two stages."""

    seats: int
    quota: int
    lots: Lots
    valid: int
    piles: dict[str, list[Parcel]]
    totals: dict[str, int]
    standing: list[str]
    elected: list[str] = field(default_factory=list)
    surpluses: list[str] = field(default_factory=list)
    history: list[dict[str, int]] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)

    @property
    def vacancies(self) -> int:
        return self.seats - len(self.elected)

    def close_stage(self, excluded: tuple[str, ...], detail: dict[str, Any]) -> None:
        """Write the stage down and elect who reached the quota, and the rest when no more remain than seats."""
        self.history.append(dict(self.totals))
        reached = [option for option in self.standing if self.totals[option] >= self.quota]
        new = sorted(reached, key=self._standing_of)
        self.standing = [option for option in self.standing if option not in new]
        self.elected += new
        self.surpluses += [option for option in new if self.totals[option] > self.quota]
        if self.vacancies and len(self.standing) <= self.vacancies:
            rest = sorted(self.standing, key=self._standing_of)
            self.standing = []
            self.elected += rest
            new += rest
        lost = self.valid * UNIT - sum(self.totals.values())
        self.stages.append(
            Stage(
                number=len(self.history),
                totals={option: written(total) for option, total in self.totals.items()},
                elected=tuple(new),
                excluded=excluded,
                detail={**detail, "not_transferable": written(lost)},
            )
        )

    def _standing_of(self, option: str) -> tuple[list[int], int]:
        return [-totals[option] for totals in reversed(self.history)], self.lots.place[option]

    def transfer_surplus(self) -> None:
        """Move the largest surplus on: every ballot of its holder, worth surplus times value over total."""
        most = max(self.totals[option] for option in self.surpluses)
        giver = self._one([option for option in self.surpluses if self.totals[option] == most], "transfer")
        self.surpluses.remove(giver)
        surplus, total = self.totals[giver] - self.quota, self.totals[giver]
        for ranking, at, value, number in self.piles[giver]:
            self._pass_on(ranking, at, surplus * value // total, number)
        self.piles[giver] = []
        self.totals[giver] = self.quota
        self.close_stage((), {"transfer": "surplus", "from": giver, "surplus": written(surplus)})

    def exclude(self) -> None:
        """Exclude who has least and move their ballots on at the value they came with."""
        fewest = min(self.totals[option] for option in self.standing)
        loser = self._one([option for option in self.standing if self.totals[option] == fewest], "exclude")
        self.standing.remove(loser)
        for ranking, at, value, number in self.piles[loser]:
            self._pass_on(ranking, at, value, number)
        self.piles[loser] = []
        self.totals[loser] = 0
        self.close_stage((loser,), {"transfer": "exclusion", "from": loser})

    def _one(self, tied: list[str], about: str) -> str:
        if len(tied) == 1:
            return tied[0]
        chosen, tie = separated(tied, self.history, self.lots, about=about, choose=max if about == "transfer" else min)
        self.ties.append(tie)
        return chosen

    def _pass_on(self, ranking: tuple[str, ...], at: int, value: int, number: int) -> None:
        for place in range(at + 1, len(ranking)):
            option = ranking[place]
            if option in self.standing:
                self.piles[option].append((ranking, place, value, number))
                self.totals[option] += value * number
                return


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Return the elected in order with every stage; totals are text with five decimals.

    Droop quota from valid ballots; the largest surplus first, one transfer a stage; all surpluses before
    an exclusion; who is left is elected once no more are left than seats. Ties: the latest earlier stage
    at which the tied differed, then by lot.
    """
    ranked, blank = rankings(ballots)
    valid = number_of(ranked)
    quota = valid // (rules.seats + 1) + 1
    piles: dict[str, list[Parcel]] = {option: [] for option in rules.ids}
    totals = dict.fromkeys(rules.ids, 0)
    for ranking, number in ranked:
        piles[ranking[0]].append((ranking, 0, UNIT, number))
        totals[ranking[0]] += UNIT * number
    state = _Count(
        seats=rules.seats,
        quota=quota * UNIT,
        lots=Lots(seed, rules.ids),
        valid=valid,
        piles=piles,
        totals=totals,
        standing=list(rules.ids),
    )
    if valid:
        state.close_stage((), {"transfer": "first"})
        while state.vacancies and state.standing:
            if state.surpluses:
                state.transfer_surplus()
            else:
                state.exclude()
    return Outcome(
        method=rules.method,
        valid=valid,
        blank=blank,
        winners=tuple(state.elected),
        totals=dict(state.stages[0].totals) if valid else {option: written(0) for option in rules.ids},
        stages=tuple(state.stages),
        ties=tuple(state.ties),
        extra={"quota": quota, "seats": rules.seats},
    )
