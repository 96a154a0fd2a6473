"""``count_ballots``: an election of others is counted by one of our methods."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from civic.core.commands import BadInput
from civic.core.commands import Command as BaseCommand
from consult.voting.methods.ballots import BUDGETS
from consult.voting.methods.file_shape import FITTING
from consult.voting.methods.files import Election, WrongFile, read_election
from consult.voting.methods.outcomes import Outcome
from consult.voting.methods.registry import count
from consult.voting.methods.rules import BadRules, Option, Rules

WHOLE = re.compile(r"[0-9]{1,9}")
NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,18})?")
RATIO = re.compile(r"([0-9]{1,9})=([0-9]{1,6})(?::([0-9]{1,6}))?")
METHODS = ("approval", "irv", "stv", "schulze", *BUDGETS)


class Command(BaseCommand):
    help = (
        "Count the ballots of a file (.blt, .pb, .csv, .txt) and print the outcome as one JSON object. "
        "No database is touched. Ties go by the order of the file, or by lots drawn from --seed."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the ballots")
        parser.add_argument("--method", required=True, choices=METHODS, help="how to count them")
        parser.add_argument(
            "--seats", metavar="N", help="how many are elected (stv, approval); otherwise the file says"
        )
        parser.add_argument("--default", metavar="OPTION", help="schulze: the number, from 1, of 'none of the above'")
        parser.add_argument("--quorum", metavar="VOTES", help="schulze: so many must prefer an option to the default")
        parser.add_argument(
            "--majority",
            metavar="OPTION=N:D",
            action="append",
            default=[],
            help="schulze: the ratio an option needs over the default, as 2=3:1; may be given again",
        )
        parser.add_argument("--seed", metavar="HEX", help="the published seed that lots are drawn from")
        parser.add_argument("--outcome", action="store_true", help="add the whole outcome with every stage and tie")

    def handle(self, *args: Any, file: str, method: str, **options: Any) -> None:
        if "\0" in file:
            raise BadInput("count_ballots: no file has such a name.")
        try:
            election = read_election(Path(file))
            if method not in FITTING[election.kind]:
                raise WrongFile(f"{Path(file).name} holds {election.kind}, which {method} does not count")
            rules = _rules(election, method, options)
            outcome = count(rules, election.ballots, _seed(options["seed"]))
        except (WrongFile, BadRules) as fault:
            raise BadInput(f"count_ballots: {fault}") from None
        except OSError as fault:
            raise BadInput(f"count_ballots: {file}: {fault.strerror}") from None
        told = _told(election, rules, outcome)
        if options["outcome"]:
            told["outcome"] = outcome.to_json()
        plain = getattr(self.stdout, "encoding", None) not in (None, "utf-8")  # where names may not be writable
        self.stdout.write(json.dumps(told, ensure_ascii=plain))
        for tie in outcome.ties:
            if tie.by != "earlier-stage":
                self.stderr.write(f"Stage {tie.stage}: {', '.join(tie.between)} are equal; decided by {tie.by}.")


def _rules(election: Election, method: str, given: dict[str, Any]) -> Rules:
    """Return the rules of the file with what the command line adds."""
    seats = _whole(given["seats"], "--seats") if given["seats"] is not None else None
    if seats is not None and (method in BUDGETS or (seats > 1 and method not in ("stv", "approval"))):
        raise BadRules(f"--seats means nothing to {method}")
    if method != "schulze" and (given["default"] or given["quorum"] or given["majority"]):
        raise BadRules("--default, --quorum and --majority belong to schulze")
    if given["default"] is None and (given["quorum"] or given["majority"]):
        raise BadRules("--quorum and --majority compare with an option: say which with --default")
    ratios = dict(_ratio(text, election) for text in given["majority"])
    return Rules(
        method=method,
        options=tuple(Option(option.id, option.cost, ratios.get(option.id)) for option in election.options),
        seats=seats or (election.seats if method == "stv" else 1),
        budget=election.budget,
        minimum_score=election.minimum_score if method == "greedy-minimum" else None,
        raise_by=election.scale,
        default=None if given["default"] is None else _option(given["default"], election, "--default"),
        default_quorum=None if given["quorum"] is None else _fraction(given["quorum"], "--quorum"),
    )


def _told(election: Election, rules: Rules, outcome: Outcome) -> dict[str, Any]:
    """Return the outcome under the keys outsiders rely on."""
    told: dict[str, Any] = {
        "method": outcome.method,
        "ballots": outcome.valid,
        "blank": outcome.blank,
        "winners": list(outcome.winners),
    }
    if outcome.method == "approval":
        told["totals"] = dict(outcome.totals)
    elif outcome.method == "irv":
        told["stages"] = [
            {"totals": dict(stage.totals), "exhausted": stage.detail["exhausted"]} for stage in outcome.stages
        ]
    elif outcome.method == "stv":
        told["quota"] = outcome.extra["quota"]
        told["stages"] = [{"totals": dict(stage.totals)} for stage in outcome.stages]
    elif outcome.method == "schulze":
        told["options"] = outcome.extra["options"]
        told["pairwise"] = outcome.extra["pairwise"]
        if rules.default is not None:
            told |= _checks(rules, outcome)
    else:
        told["cost"] = _shown(outcome.extra["cost"], election.scale)
        told["budget"] = _shown(outcome.extra["budget"], election.scale)
    return told


def _checks(rules: Rules, outcome: Outcome) -> dict[str, Any]:
    """Return how every option stands against the default, by its number."""
    numbers = {option: number for number, option in enumerate(rules.ids, start=1)}
    return {
        "quorum": [
            {
                "option": numbers[check["option"]],
                "votes_over_default": check["over_default"],
                "needed": None if check["needed"] is None else _number(Fraction(*check["needed"])),
                "reached": check["reached"],
            }
            for check in outcome.extra["quorum"]
        ],
        "majority": [
            {
                "option": numbers[check["option"]],
                "over_default": check["over_default"],
                "under_default": check["under_default"],
                "ratio_needed": _number(Fraction(*check["ratio"])),
                "reached": check["reached"],
            }
            for check in outcome.extra["majority"]
        ],
    }


def _shown(amount: int, scale: int) -> int | float:
    return _number(Fraction(amount, scale))


def _number(value: Fraction) -> int | float:
    """Return a number to print; nothing is counted with it any more."""
    return value.numerator if value.denominator == 1 else float(value)


def _seed(text: str | None) -> bytes | None:
    try:
        return None if text is None else bytes.fromhex(text)
    except ValueError:
        raise BadRules("--seed is written in hexadecimal digits") from None


def _whole(text: Any, what: str) -> int:
    if not WHOLE.fullmatch(str(text)) or not int(text):
        raise BadRules(f"{what} is a number from 1, not {str(text)!r}")
    return int(text)


def _option(text: Any, election: Election, what: str) -> str:
    number = _whole(text, what)
    if number > len(election.options):
        raise BadRules(f"{what}: there are {len(election.options)} options, not {number}")
    return election.options[number - 1].id


def _fraction(text: Any, what: str) -> Fraction:
    if not NUMBER.fullmatch(str(text)):
        raise BadRules(f"{what} is a number, not {str(text)!r}")
    return Fraction(str(text))


def _ratio(text: str, election: Election) -> tuple[str, Fraction]:
    found = RATIO.fullmatch(text)
    if not found or not int(found[3] or "1"):
        raise BadRules(f"--majority is written as 2=3:1, not {text!r}")
    return _option(found[1], election, "--majority"), Fraction(int(found[2]), int(found[3] or "1"))
