"""The roll at the desk: a list brought in, and somebody added whom the drawing missed."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from civic.access.decorators import office_page
from civic.audit.reads import note_read
from civic.core import tables
from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.refusals import Reason, Refused, Unfit
from civic.people.finding import owner_of
from consult.voting import ages, domain, listing
from consult.voting.actions import ROLL_ASKED
from consult.voting.desk_roll_forms import AddForm, ListForm
from consult.voting.models import BulletinEntry, Poll
from consult.voting.states import State
from consult.voting.views.desk import find, person_of
from consult.voting.views.reading import around

SHOWN = 30
# A message travels in a header while the page is reloaded.
MOST_SPANS = 200


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_poll_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Bring in the list of those who may vote: all of it, or nothing of it."""
    poll = find(request, slug)
    if poll.state != State.DRAFT or poll.roll_rule.get("kind") != "list":
        return redirect("desk-poll", slug)
    age = ages.limit_of(poll.roll_rule)
    form = ListForm(request.POST or None, request.FILES or None, has_age=age is not None)
    if request.method != "POST":
        return _list_page(request, poll, form)
    if not form.is_valid():
        return _list_page(request, poll, form, status=422)
    try:
        # One byte more than is taken is enough to know that it is too much.
        judge = ages.Judge(age, localdate(request.at)) if age is not None else None
        lines = listing.read(form.cleaned_data["file"].read(tables.LARGEST + 1), judge=judge)
        brought = listing.bring(poll=poll, actor=person_of(request), lines=lines, at=request.at, age=age)
    except listing.BadList as bad:
        return _list_page(request, poll, form, faults=bad.faults, status=422)
    except (Refused, Unfit) as refusal:
        return _list_page(request, poll, form, faults=(refusal.reason,), status=422)
    messages.success(request, _taken(brought))
    if brought.too_young:
        messages.warning(request, _left_out(brought.too_young))
    return redirect("desk-poll", slug)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("lookup")
@office_page
def desk_poll_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add somebody the drawing missed: found by the address they give, entered publicly with the reason."""
    poll = find(request, slug)
    if poll.state != State.OPEN or request.at >= poll.closes_at:
        return redirect("desk-poll", slug)
    form = AddForm(request.POST or None, age=ages.told(poll.roll_rule))
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["login"]
        colleague = person_of(request)
        found = owner_of(address)
        if found is None:
            form.add_error("login", _("Nobody here has confirmed this address. Ask the person to sign in once."))
        else:
            # Knowing that an address has an account is a look already, whether it is added or not.
            note_read(reader=colleague, person=found, purpose=ROLL_ASKED, subject=poll, at=request.at)
            try:
                domain.add_to_roll(
                    poll=poll, person=found, actor=colleague, note=form.cleaned_data["note"], at=request.at
                )
            except Refused as refusal:
                form.add_error("login", str(refusal))
            else:
                messages.success(request, _("Added. The bulletin says that one was added, and why; it names nobody."))
                return redirect("desk-poll-add", slug)
    added = BulletinEntry.objects.filter(poll=poll, kind=BulletinEntry.Kind.ADDED_TO_ROLL).order_by("-number")[:SHOWN]
    context = around(request, poll) | {"form": form, "added": list(added), "roll_now": domain.roll_now(poll)}
    return render(request, "consult/voting/desk/add.html", context, status=422 if form.errors else 200)


def _taken(brought: listing.Brought) -> str:
    """Say how many lines were taken, and how many of them are people here, without naming one."""
    lines = ngettext("List taken: %(count)s line.", "List taken: %(count)s lines.", brought.lines)
    known = ngettext(
        "%(count)s is a person with this address confirmed here", "%(count)s are people with this address confirmed here",
        brought.matched,
    )  # fmt: skip
    unknown = ngettext(
        "%(count)s belongs to nobody here yet, and counts if its owner confirms it here before the roll is drawn.",
        "%(count)s belong to nobody here yet, and count if their owners confirm them here before the roll is drawn.",
        brought.unmatched,
    )
    return _("%(lines)s %(known)s; %(unknown)s") % {
        "lines": lines % {"count": f"{brought.lines:,}"}, "known": known % {"count": f"{brought.matched:,}"},
        "unknown": unknown % {"count": f"{brought.unmatched:,}"},
    }  # fmt: skip


def _left_out(lines: Sequence[int]) -> str:
    """Say how many lines are of people too young, and which; runs of lines by their first and last."""
    spans: list[list[int]] = []
    for line in lines:
        if spans and line == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], line]
        else:
            spans.append([line])
    told = _(", ").join("–".join(str(end) for end in span) for span in spans[:MOST_SPANS])
    return ngettext(
        "%(count)s line was left out, for its person is too young on the day of the age limit. Line: %(lines)s",
        "%(count)s lines were left out, for their people are too young on the day of the age limit. Lines: %(lines)s",
        len(lines),
    ) % {"count": f"{len(lines):,}", "lines": told + ("…" if len(spans) > MOST_SPANS else "")}


def _list_page(
    request: HttpRequest, poll: Poll, form: ListForm, *, faults: tuple[Reason, ...] = (), status: int = 200
) -> HttpResponse:
    context = around(request, poll) | {
        "form": form, "faults": faults[:SHOWN], "further": max(len(faults) - SHOWN, 0),
        "listed": poll.roll_rule.get("listed"), "age": ages.told(poll.roll_rule),
    }  # fmt: skip
    return render(request, "consult/voting/desk/brought.html", context, status=status)
