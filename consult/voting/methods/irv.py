"""Instant run-off: the last is excluded and its ballots move on, until one has more than half of those still counting."""

from consult.voting.methods.lots import Lots
from consult.voting.methods.outcomes import Outcome, Stage, Tie
from consult.voting.methods.rules import Rules
from consult.voting.methods.tallying import Ballots, number_of, rankings, separated

Pile = list[tuple[tuple[str, ...], int, int]]  # the ranking, where in it this pile's option stands, how many ballots


def count(rules: Rules, ballots: Ballots, seed: bytes | None = None) -> Outcome:
    """Return the winner with every stage; one option is excluded at a time, batches never.

    ``detail.exhausted`` counts ballots that rank nobody still in the race, blank ones included. Ties over
    who goes are decided by the latest earlier stage at which the tied differed, then by lot.
    """
    ranked, blank = rankings(ballots)
    lots = Lots(seed, rules.ids)
    piles: dict[str, Pile] = {option: [] for option in rules.ids}
    totals = dict.fromkeys(rules.ids, 0)
    for ranking, number in ranked:
        piles[ranking[0]].append((ranking, 0, number))
        totals[ranking[0]] += number
    valid = number_of(ranked)
    exhausted = blank
    history: list[dict[str, int]] = []
    stages: list[Stage] = []
    ties: list[Tie] = []
    winners: tuple[str, ...] = ()
    while valid:
        history.append(dict(totals))
        leader = max(totals, key=totals.__getitem__)
        detail = {"exhausted": exhausted}
        if len(piles) == 1 or totals[leader] * 2 > sum(totals.values()):
            winners = (leader,)
            stages.append(Stage(number=len(history), totals=history[-1], elected=winners, detail=detail))
            break
        fewest = min(totals.values())
        tied = [option for option in totals if totals[option] == fewest]
        loser = tied[0]
        if len(tied) > 1:
            loser, tie = separated(tied, history, lots, about="exclude", choose=min)
            ties.append(tie)
        if len(piles) == 2:
            winners = tuple(option for option in piles if option != loser)
        stages.append(Stage(number=len(history), totals=history[-1], elected=winners, excluded=(loser,), detail=detail))
        if winners:
            break
        exhausted += _move(piles, totals, loser)
    return Outcome(
        method=rules.method,
        valid=valid,
        blank=blank,
        winners=winners,
        totals=history[0] if history else dict.fromkeys(rules.ids, 0),
        stages=tuple(stages),
        ties=tuple(ties),
    )


def _move(piles: dict[str, Pile], totals: dict[str, int], loser: str) -> int:
    """Move the loser's ballots to whom they rank next of those left; return how many rank nobody."""
    ended = 0
    del totals[loser]
    for ranking, at, number in piles.pop(loser):
        for place in range(at + 1, len(ranking)):
            if ranking[place] in piles:
                piles[ranking[place]].append((ranking, place, number))
                totals[ranking[place]] += number
                break
        else:
            ended += number
    return ended
