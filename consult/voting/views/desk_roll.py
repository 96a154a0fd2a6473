"""The roll at the desk: a list brought in, and somebody added whom the drawing missed."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
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
from consult.voting import domain, listing
from consult.voting.actions import ROLL_ASKED
from consult.voting.desk_forms import AddForm, ListForm
from consult.voting.models import BulletinEntry, Poll
from consult.voting.states import State
from consult.voting.views.desk import find, person_of
from consult.voting.views.reading import around

SHOWN = 30


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def desk_poll_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Bring in the list of those who may vote: all of it, or nothing of it."""
    poll = find(request, slug)
    if poll.state != State.DRAFT or poll.roll_rule.get("kind") != "list":
        return redirect("desk-poll", slug)
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return _list_page(request, poll, form)
    if not form.is_valid():
        return _list_page(request, poll, form, status=422)
    try:
        # One byte more than is taken is enough to know that it is too much.
        lines = listing.read(form.cleaned_data["file"].read(tables.LARGEST + 1))
        brought = listing.bring(poll=poll, actor=person_of(request), lines=lines, at=request.at)
    except listing.BadList as bad:
        return _list_page(request, poll, form, faults=bad.faults, status=422)
    except (Refused, Unfit) as refusal:
        return _list_page(request, poll, form, faults=(refusal.reason,), status=422)
    known = ngettext(
        "%(matched)s line is a person with this address confirmed here", "%(matched)s lines are people with this address confirmed here",
        brought.matched,
    ) % {"matched": f"{brought.matched:,}"}  # fmt: skip
    messages.success(
        request,
        _("List taken: %(lines)s lines. %(known)s, %(unmatched)s are nobody yet; they count if they confirm it here before the roll is drawn.")
        % {"lines": f"{brought.lines:,}", "known": known, "unmatched": f"{brought.unmatched:,}"},
    )  # fmt: skip
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
    form = AddForm(request.POST or None)
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


def _list_page(
    request: HttpRequest, poll: Poll, form: ListForm, *, faults: tuple[Reason, ...] = (), status: int = 200
) -> HttpResponse:
    context = around(request, poll) | {
        "form": form, "faults": faults[:SHOWN], "further": max(len(faults) - SHOWN, 0),
        "listed": poll.roll_rule.get("listed"),
    }  # fmt: skip
    return render(request, "consult/voting/desk/brought.html", context, status=status)
