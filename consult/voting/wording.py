"""Every rule of a poll in words, as it is read through before it is frozen, and by residents afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civic.core.languages import localised
from civic.people.models import Level
from civic.places.models import Place
from civic.ui.dates import when_text
from consult.voting import ages
from consult.voting.domain import advised_grade
from consult.voting.how import how_of
from consult.voting.methods.ballots import BUDGETS, RANKED
from consult.voting.models import Choice, Grade, Method, Poll, Secrecy
from consult.voting.presentation import SECRECY
from consult.voting.presets import preset_of
from orgs.bodies.models import Organisation


@dataclass(frozen=True)
class Rule:
    """One rule: what it is called and what it says; ``warning`` asks to look again."""

    name: str
    words: tuple[str, ...]
    warning: str = ""


def rules_of(poll: Poll, choices: Sequence[Choice], *, at: Any) -> list[Rule]:
    """Return everything that is frozen when the roll is drawn, but for the words and the choices themselves."""
    preset = preset_of(poll.preset)
    method = Method(poll.method)
    hours = _("%(opens)s to %(closes)s. Nobody can move it once the roll is drawn.") % {
        "opens": when_text(poll.opens_at, at), "closes": when_text(poll.closes_at, at),
    }  # fmt: skip
    paper = (
        (_("Ballots handed in on paper before closing are typed in until %(when)s.") % {"when": when_text(poll.paper_until, at)},)
        if poll.paper_until
        else ()
    )  # fmt: skip
    return [
        Rule(_("Kind of decision"), (str(preset.name), str(preset.basis))),
        Rule(_("Asked by"), (str(poll.sponsor), _("About %(place)s.") % {"place": poll.place})),
        Rule(_("How it is counted"), (str(method.label), str(how_of(poll)), *_counting(poll, method))),
        Rule(_("When the result counts"), _thresholds(poll, method)),
        _equal_numbers(method),
        Rule(_("Who may vote"), _roll(poll, Place.objects.filter(code=poll.roll_rule.get("place", "")).first())),
        Rule(_("Voting hours"), (hours, *paper)),
        Rule(_("Secrecy"), (str(poll.get_secrecy_display()), str(SECRECY[Secrecy(poll.secrecy)]))),
        _grade(poll, choices),
        _meanwhile(poll),
    ]  # fmt: skip


def rules_for_voters(poll: Poll, *, places: Mapping[str, Place]) -> list[Rule]:
    """Return what the poll's own page does not say elsewhere, in the words the office read before it was frozen.

    ``places`` holds the place of a roll of residents under its code.
    """
    method = Method(poll.method)
    counting = _counting(poll, method)
    return [
        *([Rule(_("How it is counted"), counting)] if counting else []),
        _equal_numbers(method),
        Rule(_("Who may vote"), _roll(poll, places.get(poll.roll_rule.get("place", "")))),
        _meanwhile(poll),
    ]


def when_it_counts(poll: Poll) -> tuple[str, ...]:
    """Return the quorum and the majority a poll asks for, each in a sentence."""
    return _thresholds(poll, Method(poll.method))


def _equal_numbers(method: Method) -> Rule:
    words = (
        _("It is not carried when as many say no as yes.")
        if method == Method.YES_NO
        else _("Who was ahead at an earlier stage comes first; otherwise a lot from the fingerprint of the closed box, which nobody knows before and anybody can check afterwards.")
    )  # fmt: skip
    return Rule(_("When numbers are equal"), (words,))


def _meanwhile(poll: Poll) -> Rule:
    return Rule(_("While voting goes on"), (
        _("Numbers are hidden until the end.") if poll.results_hidden else _("How many have voted is shown while voting goes on; never for what."),
        _("A ballot cast on the site may be replaced with its receipt until the end; the last one counts. One cast on paper stays.") if poll.may_replace else _("A ballot cannot be changed once it is cast."),
        _("Every voter sees the choices in an order of their own.") if poll.is_shuffled else _("Everybody sees the choices in the order given here."),
    ))  # fmt: skip


def _counting(poll: Poll, method: Method) -> tuple[str, ...]:
    own = poll.counting
    told = []
    if poll.points:
        told.append(_("Every voter has %(points)s points, to be given to one project or spread over several; points may be left over.") % {"points": poll.points})  # fmt: skip
    elif method not in {Method.YES_NO, Method.SCORE}:
        most = own.get("max_choices") or (1 if method == Method.CHOOSE else 0)
        if most and method in RANKED:
            told.append(ngettext("At most %(most)s place on a ballot.", "At most %(most)s places on a ballot.", most) % {"most": most})  # fmt: skip
        elif most:
            told.append(ngettext("At most %(most)s choice on a ballot.", "At most %(most)s choices on a ballot.", most) % {"most": most})  # fmt: skip
        else:
            told.append(_("As many choices on a ballot as one likes."))
    if method == Method.SCORE:
        told.append(_("Scores go from 0 to %(most)s.") % {"most": own.get("max_score", 5)})
        told.append(
            _("Choices are compared by the middle score.")
            if own.get("score_by") == "median"
            else _("Choices are compared by the average.")
        )
    if method == Method.STV:
        seats = own.get("seats", 1)
        told.append(ngettext("%(seats)s is elected.", "%(seats)s are elected.", seats) % {"seats": seats})
    return (*told, *_money(poll)) if method in BUDGETS else tuple(told)


def _money(poll: Poll) -> list[str]:
    own = poll.counting
    told = [_("There are %(money)s yuan.") % {"money": f"{own.get('budget', 0):,}"}]
    if own.get("max_projects"):
        told.append(_("At most %(most)s projects are funded.") % {"most": own["max_projects"]})
    if own.get("minimum_score"):
        least = _("A project needs at least %(least)s points.") if poll.points else _("A project needs at least %(least)s votes.")  # fmt: skip
        told.append(least % {"least": own["minimum_score"]})
    if not poll.points:
        told.append(
            _("What one voter ticks may not cost more than there is.")
            if own.get("ballot_within_budget")
            else _("One voter may tick more than there is money for.")
        )
    return told


def _thresholds(poll: Poll, method: Method) -> tuple[str, ...]:
    own = poll.counting
    told = []
    if own.get("quorum"):
        numerator, denominator = own["quorum"]
        told.append(_("At least %(share)s of the roll must take part, blank ballots included; with fewer the result says “advisory only”.") % {"share": f"{100 * numerator / denominator:g}%"})  # fmt: skip
    if own.get("quorum_count"):
        told.append(_("At least %(count)s people must take part, blank ballots included.") % {"count": f"{own['quorum_count']:,}"})  # fmt: skip
    if own.get("majority"):
        numerator, denominator = own["majority"]
        base = {
            "decided": _("of the votes that decide"), "cast": _("of all ballots cast"), "roll": _("of everybody on the roll"),
        }[own.get("majority_of", "decided")]  # fmt: skip
        asked = (
            _("At least %(share)s %(base)s")
            if own.get("majority_is") == "at-least"
            else _("More than %(share)s %(base)s")
        )
        told.append(
            _("%(asked)s must stand behind the winner.")
            % {"asked": asked % {"share": f"{numerator}/{denominator}", "base": base}}
        )
    elif method == Method.YES_NO:
        told.append(_("It is carried when more say yes than no."))
    return tuple(told) or (_("No quorum and no majority: the result counts however many take part."),)


def _roll(poll: Poll, place: Place | None) -> tuple[str, ...]:
    rule = poll.roll_rule
    level = _("Verified as: %(level)s.") % {"level": Level(rule.get("level", 0)).label}
    match rule.get("kind"):
        case "members":
            body = Organisation.objects.filter(slug=rule.get("body", "")).first()
            who = _("Members of %(body)s. They vote as persons; the body has no vote.") % {"body": body or "–"}
        case "list":
            listed = rule.get("listed")
            who = (
                ngettext("The person of a list with %(lines)s line.", "The people of a list with %(lines)s lines.", listed) % {"lines": f"{listed:,}"}
                if listed
                else _("The people of a list, which is still to be brought in.")
            )  # fmt: skip
        case _:
            who = _("People living in %(place)s.") % {"place": localised(place, "name") if place else "–"}
    helped = (
        _("Everybody marks their ballot alone: none is written for anybody.")
        if poll.everybody_alone
        else _("Who asks for it at a help station has the ballot written by a helper, sitting beside them.")
    )
    age = filter(None, (ages.told(rule),))
    return who, *age, level, helped, _("The roll is drawn and its size published at most a day before voting opens.")


def _grade(poll: Poll, choices: Sequence[Choice]) -> Rule:
    advised = advised_grade(poll.method, len(choices), poll.points)
    why = (
        _("Few different ballots are possible: nobody is recognised by one.")
        if advised == Grade.PUBLIC
        else _("Very many different ballots are possible: one that was dictated could be recognised.")
    )
    warning = ""
    if poll.grade != advised:
        warning = _("Advised is: %(grade)s. %(why)s") % {"grade": Grade(advised).label, "why": why}
    return Rule(_("What is published"), (str(poll.get_grade_display()), *(() if warning else (why,))), warning)
