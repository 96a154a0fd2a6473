"""Where I am signed in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from civic.access import sessions
from civic.core.http import HttpRequest
from civic.people.models import Person


@never_cache
@login_required
@require_safe
def my_sessions(request: HttpRequest) -> HttpResponse:
    """Every browser the person is signed in with."""
    here = request.session.session_key
    rows = [(row, row.session_key == here) for row in sessions.sign_ins_of(_person(request))]
    return render(request, "civic/access/sessions.html", {"rows": rows, "others": any(not mine for _row, mine in rows)})


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one browser out."""
    if not sessions.end(person=_person(request), pk=pk):
        raise Http404
    messages.success(request, _("Signed out there."))
    return redirect("me-sessions")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign every other browser out."""
    count = sessions.end_others(person=_person(request), keep=request.session.session_key)
    said = ngettext("Signed out in %(count)s other place.", "Signed out in %(count)s other places.", count)
    messages.success(request, said % {"count": count})
    return redirect("me-sessions")


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # login_required let nobody else through
    return request.user
