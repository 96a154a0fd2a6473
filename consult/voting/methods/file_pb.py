"""``.pb``: participatory budgets as Pabulib keeps them."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from consult.voting.methods.ballots import canonical
from consult.voting.methods.file_shape import Election, WrongFile
from consult.voting.methods.rules import Option

SECTIONS = ("META", "PROJECTS", "VOTES")
LARGEST, FINEST = 14, 12  # an amount has at most fifteen digits before the point and twelve behind
POINTED = ("cumulative", "scoring")

Row = tuple[int, dict[str, str]]


def read_pb(text: str) -> Election:
    """Return a budget with its projects and ballots.

    Approval ballots name projects; where people gave points (``cumulative``, ``scoring``) the points count, and an
    ``ordinal`` ballot gives its first project as many points as it could rank, the next one less.
    """
    sections = _sections(text)
    meta = {row.get("key", "").strip().lower(): row.get("value", "").strip() for _line, row in sections["META"]}
    if not sections["PROJECTS"]:
        raise WrongFile("there are no projects")
    scale, budget, costs = _money(meta, sections["PROJECTS"])
    kind = meta.get("vote_type", "approval").lower()
    unscored = _unscored(meta, list(costs)) if kind == "scoring" else {}
    longest = _longest(meta, sections["VOTES"]) if kind == "ordinal" else 0
    ballots: Counter[bytes] = Counter()
    for line, row in sections["VOTES"]:
        if "vote" not in row:
            raise WrongFile(f"line {line}: VOTES has no column called vote")
        named = [word for word in _list(row["vote"]) if word]
        unknown = [project for project in named if project not in costs]
        if unknown:
            raise WrongFile(f"line {line}: no project has the id {unknown[0]!r}")
        if kind in POINTED:
            content: dict[str, object] = {"scores": unscored | _points(named, row, line)}
        elif kind == "ordinal":
            ordered = list(dict.fromkeys(named))
            content = {"scores": {project: max(longest - place, 1) for place, project in enumerate(ordered)}}
        else:
            content = {"choices": list(dict.fromkeys(named))}
        ballots[canonical(content)] += 1
    least = meta.get("min_project_score_threshold") or meta.get("threshold")
    return Election(
        kind="points" if kind in POINTED or kind == "ordinal" else "budget",
        options=tuple(Option(project, cost) for project, cost in costs.items()),
        ballots=ballots,
        title=meta.get("description", ""),
        budget=budget,
        scale=scale,
        minimum_score=_least(least) if least else None,
    )


def _sections(text: str) -> dict[str, list[Row]]:
    """Return the rows of each section as columns by name, with the line they stand on."""
    found: dict[str, list[Row]] = {name: [] for name in SECTIONS}
    seen: list[str] = []
    columns: list[str] = []
    for line, cells in _rows(text):
        word = cells[0].strip().upper()
        if word in SECTIONS and not any(cell.strip() for cell in cells[1:]):
            seen.append(word)
            columns = []
        elif not seen:
            raise WrongFile(f"line {line}: expected META, found {cells[0]!r}")
        elif not columns:
            columns = [cell.strip().lower() for cell in cells]
        else:
            filled = cells + [""] * (len(columns) - len(cells))
            found[seen[-1]].append((line, dict(zip(columns, filled, strict=False))))
    missing = [name for name in SECTIONS if name not in seen]
    if missing:
        raise WrongFile(f"there is no section {missing[0]}")
    return found


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=";")
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise WrongFile(f"line {reader.line_num}: {error}") from None


def _money(meta: dict[str, str], projects: list[Row]) -> tuple[int, int, dict[str, int]]:
    """Return how many parts one unit of money has, and the budget and the costs in parts."""
    if "budget" not in meta:
        raise WrongFile("META says no budget")
    budget = _amount(meta["budget"], "the budget")
    costs: dict[str, Decimal] = {}
    for line, row in projects:
        project = row.get("project_id", "").strip()
        if not project:
            raise WrongFile(f"line {line}: a project without an id")
        if project in costs:
            raise WrongFile(f"line {line}: two projects have the id {project!r}")
        costs[project] = _amount(row.get("cost", ""), f"line {line}: the cost")
    places = max(_places(amount) for amount in (budget, *costs.values()))
    scale = 10**places
    return scale, int(budget * scale), {project: int(cost * scale) for project, cost in costs.items()}


def _amount(text: str, what: str) -> Decimal:
    plain = text.replace(" ", "").replace("\u00a0", "").replace(",", ".")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise WrongFile(f"{what} is no amount: {text!r}") from None
    if not amount.is_finite() or amount < 0 or amount.adjusted() > LARGEST or _places(amount) > FINEST:
        raise WrongFile(f"{what} is no amount: {text!r}")
    return amount


def _places(amount: Decimal) -> int:
    """Return how many decimals an amount has."""
    return max(0, -int(amount.normalize().as_tuple().exponent))


def _list(cell: str) -> list[str]:
    return [word.strip().strip("\"'").strip() for word in cell.split(",")]


def _points(named: list[str], row: dict[str, str], line: int) -> dict[str, int]:
    """Return the points for each project; where a file gives none, one each."""
    written = [word for word in _list(row.get("points", "")) if word]
    if not written:
        return dict.fromkeys(named, 1)
    if len(written) != len(named):
        raise WrongFile(f"line {line}: {len(named)} projects, but points for {len(written)}")
    scores: dict[str, int] = {}
    for project, word in zip(named, written, strict=True):
        try:
            points = Decimal(word)
        except InvalidOperation:
            raise WrongFile(f"line {line}: {word!r} is no number of points") from None
        if not points.is_finite() or points.adjusted() > LARGEST or points != int(points):
            raise WrongFile(f"line {line}: points are whole numbers, not {word!r}")
        scores[project] = scores.get(project, 0) + int(points)
    return scores


def _unscored(meta: dict[str, str], projects: list[str]) -> dict[str, int]:
    """Return the points of whoever gives a project none, which a file may set to other than nothing."""
    written = meta.get("default_score") or "0"
    if not re.fullmatch(r"-?[0-9]{1,9}(\.0*)?", written):
        raise WrongFile(f"META: default_score is no number: {written!r}")
    points = int(written.partition(".")[0])
    return dict.fromkeys(projects, points) if points else {}


def _longest(meta: dict[str, str], votes: list[Row]) -> int:
    """Return how many projects a ballot could rank."""
    if re.fullmatch("[0-9]{1,4}", meta.get("max_length", "")):
        return int(meta["max_length"])
    return max((len(_list(row.get("vote", ""))) for _line, row in votes), default=0)


def _least(text: str) -> int:
    """Return a minimum of votes or points as a whole number: half a vote more is one vote more."""
    amount = _amount(text, "the minimum score")
    whole = int(amount)
    return whole if whole == amount else whole + 1
