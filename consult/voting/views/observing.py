"""For observers: the head of a poll's chain to keep, by notice, on paper, and as plain text."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from civic.core.http import HttpRequest
from civic.core.limits import limited
from civic.core.pages import shared
from civic.people.models import Person
from consult.voting import observing, queries
from consult.voting.hashing import in_groups
from consult.voting.models import BulletinEntry, Poll
from consult.voting.squares import path_of
from consult.voting.views.reading import around, find

TEXT = """poll: {slug}
address: {address}
closes: {closes}
entry: {number}
head: {head}
key: {key}
"""


@require_http_methods(["GET", "HEAD", "POST"])
@limited("preferences")
def poll_observe(request: HttpRequest, slug: str) -> HttpResponse:
    """What observing is, and the button that sends the head every day."""
    poll = find(request, slug)
    person = request.user if isinstance(request.user, Person) else None
    if request.method == "POST":
        if person is None:
            return redirect_to_login(request.path)
        if "stop" in request.POST:
            observing.stop(poll=poll, person=person)
            messages.success(request, _("You get no more of it."))
        else:
            observing.observe(poll=poll, person=person, at=request.at)
            messages.success(request, _("From now on you get the head of this bulletin every day."))
        return redirect("poll-observe", slug)
    context = around(request, poll) | {
        "latest": _head(poll),
        "observes": person is not None and queries.observes(poll, person),
        "signed_in": person is not None,
        "sign_in": f"{reverse('account_login')}?next={request.path}",
    }
    return render(request, "consult/voting/observe.html", context)


@shared()
@require_safe
def poll_notice(request: HttpRequest, slug: str) -> HttpResponse:
    """The head on a sheet of A4, for a notice board."""
    poll = find(request, slug)
    head = _head(poll)
    batches = [entry.content for entry in queries.entries(poll) if entry.kind == BulletinEntry.Kind.BATCH]
    address = request.build_absolute_uri(reverse("poll-head", args=[slug]))
    context = around(request, poll) | {
        "latest": head,
        "groups": in_groups(head.hash).split() if head else [],
        "key": in_groups(poll.key.public) if head else "",
        "batches": batches,
        "ballots": sum(batch["count"] for batch in batches),
        "address": address,
        "square": path_of(address),
    }
    return render(request, "consult/voting/notice.html", context)


@shared()
@require_safe
def poll_head(request: HttpRequest, slug: str) -> HttpResponse:
    """The head as plain text, for a program or a telephone; the chain begins when the poll opens."""
    poll = find(request, slug)
    head = _head(poll)
    if head is None:
        return HttpResponse(status=404, content_type="text/plain; charset=utf-8")
    text = TEXT.format(
        slug=poll.slug, address=request.build_absolute_uri(poll.get_absolute_url()), closes=poll.closes_at.isoformat(),
        number=head.number, head=head.hash, key=poll.key.public,
    )  # fmt: skip
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _head(poll: Poll) -> BulletinEntry | None:
    return BulletinEntry.objects.filter(poll=poll).order_by("-number").first()
