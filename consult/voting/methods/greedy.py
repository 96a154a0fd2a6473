"""Budgets filled from the top: the most wanted project first, as long as the money lasts.

Three rules that differ in what happens when a project no longer fits.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from consult.voting.methods.lots import Lots
from consult.voting.methods.outcomes import Outcome, Stage, Tie
from consult.voting.methods.rules import BadRules, Rules
from consult.voting.methods.tallying import Ballots, counted, number_of, taken_apart


def money(rules: Rules) -> tuple[int, dict[str, int]]:
    """Return the budget and what each project costs; refuse rules that do not say."""
    if rules.budget is None:
        raise BadRules("a budget has no amount")
    costs = {}
    for option in rules.options:
        if option.cost is None:
            raise BadRules(f"the project {option.id} has no cost")
        costs[option.id] = option.cost
    return rules.budget, costs


def fill(rules: Rules, ballots: Ballots, seed: bytes | None, *, minimum: int, stops: bool) -> Outcome:
    """Fund projects by their votes or points until the money or the number of projects is used up.

    A project nobody wants is never funded, and none below ``minimum``. A project that does not fit is
    passed over, or ends the list when ``stops``. Each project is one stage that says why.
    """
    budget, costs = money(rules)
    said, blank = taken_apart(ballots, "choices", "scores")
    totals = counted(said, rules.ids)
    lots = Lots(seed, rules.ids)
    left, funded, ended = budget, list[str](), False
    stages, ties = list[Stage](), list[Tie]()
    least = max(minimum, 1)
    for group in _groups(totals, lots):
        order = group
        room = None if rules.max_projects is None else rules.max_projects - len(funded)
        if not ended and totals[group[0]] >= least and _matters(group, costs, left, room, stops=stops):
            order = lots.order(len(stages) + 1, group)
            ties.append(Tie(stage=len(stages) + 1, about="fund", between=tuple(group), order=tuple(order), by=lots.by))
        for project in order:
            why = "funded"
            if totals[project] < least:
                why = "below-minimum"
            elif ended:
                why = "stopped"
            elif rules.max_projects is not None and len(funded) >= rules.max_projects:
                why = "enough-projects"
            elif costs[project] > left:
                why = "does-not-fit"
                ended = stops
            else:
                funded.append(project)
                left -= costs[project]
            stages.append(_stage(len(stages) + 1, project, totals, costs, why, left))
    return Outcome(
        method=rules.method,
        valid=number_of(said),
        blank=blank,
        winners=tuple(sorted(funded)),
        totals=totals,
        stages=tuple(stages),
        ties=tuple(ties),
        extra={"budget": budget, "cost": budget - left, "minimum": minimum},
    )


def _groups(totals: Mapping[str, int], lots: Lots) -> list[list[str]]:
    """Return the projects, most wanted first, in groups of equal totals."""
    groups: dict[int, list[str]] = {}
    for project in sorted(totals, key=lambda project: (-totals[project], lots.place[project])):
        groups.setdefault(totals[project], []).append(project)
    return list(groups.values())


def _matters(group: Sequence[str], costs: Mapping[str, int], left: int, room: int | None, *, stops: bool) -> bool:
    """Tell whether the order inside a group of equals can change what is funded."""
    if len(group) == 1:
        return False
    fitting = group if stops else [project for project in group if costs[project] <= left]
    short = sum(costs[project] for project in fitting) > left or (room is not None and len(fitting) > room)
    return short and (room is None or room > 0) and any(costs[project] <= left for project in group)


def _stage(
    number: int, project: str, totals: Mapping[str, int], costs: Mapping[str, int], why: str, left: int
) -> Stage:
    detail: dict[str, Any] = {"project": project, "cost": costs[project], "why": why, "left": left}
    funded = (project,) if why == "funded" else ()
    return Stage(number=number, totals={project: totals[project]}, elected=funded, detail=detail)
