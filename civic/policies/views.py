"""The library, a policy and its versions, the home page; feed, sitemap, robots."""

from datetime import date, datetime
from functools import partial
from typing import Any, get_args
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http import HttpRequest as DjangoRequest
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from civic.core.http import HttpRequest
from civic.core.languages import localised, site_text
from civic.core.pages import same, shared
from civic.core.texts import legible
from civic.policies import citations, consultations, presenters, queries, sections, sitemap
from civic.policies.clauses import clauses_of, difference
from civic.policies.forms import AsOfForm, LibraryForm
from civic.policies.models import HomePage, InformationPage, PolicyIndexPage, PolicyPage, PublishedVersion

PER_PAGE = 20
FEED_LENGTH = 30
CONTENTS_FROM = 6  # a shorter text needs no list of contents


@shared()
def home(request: HttpRequest, page: HomePage) -> HttpResponse:
    """Show the home page with what every part of the site brings to it."""
    parts = same("home", partial(_home, request.at), at=request.at)
    context = {
        "page": page,
        "head_key": (page.title, page.title_en, page.lead, page.lead_en),
        "parts_key": parts.told,
        "search_url": presenters.search_url(),
    }
    return render(request, "civic/policies/home.html", context | parts.what)


def _home(at: datetime) -> dict[str, Any]:
    columns = {column: sections.made("home", column, at=at) for column in get_args(sections.Column)}
    return {
        "columns": columns,
        "tasks": [presenters.policy_task(), *columns["tasks"]],
        "policies": [presenters.row(policy, at=at) for policy in queries.recent(5)],
    }


@shared("q", "status", "topic", "body", "place", "year", "page")
def library(request: HttpRequest, page: PolicyIndexPage) -> HttpResponse:
    """List the published policies."""
    form = LibraryForm(request.GET or None, **queries.choices())
    chosen = form.chosen if form.is_bound else {}
    found = Paginator(queries.library(chosen, at=request.at), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "chosen": chosen,
        "page_obj": found,
        "rows": [presenters.row(policy, at=request.at) for policy in found],
        "total": found.paginator.count,
    }
    return render(request, "civic/policies/library.html", context)


@shared()
def information(request: HttpRequest, page: InformationPage) -> HttpResponse:
    """Show a page of plain words."""
    return render(request, "civic/policies/information.html", {"page": page})


@shared("on")
def policy(request: HttpRequest, page: PolicyPage) -> HttpResponse:
    """Show a policy; with ``?on=<day>`` the text in force on that day."""
    # A preview shows the draft it was given; a reader asks for a day.
    form = AsOfForm(request.GET if "on" in request.GET else None)
    if form.is_bound and form.is_valid() and page.live:
        return _as_of(request, page, form.cleaned_data["on"])
    status = 400 if form.is_bound and not form.is_valid() else 200
    return _show(request, page, form=form, status=status)


@shared()
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one published version of a policy."""
    page = _published(slug)
    shown = get_object_or_404(PublishedVersion.objects.select_related("revision"), page=page, number=number)
    return _show(request, page, shown=shown)


@shared("from", "to")
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """List a policy's versions; with ``?from=&to=`` compare two of them."""
    page = _published(slug)
    listed = queries.versions_of(page)
    context: dict[str, Any] = {
        "page": page,
        "entries": presenters.history(page, listed, at=request.at),
        "changes": None,
    }
    if "from" in request.GET or "to" in request.GET:
        old, new = (_chosen(listed, request.GET.get(name)) for name in ("from", "to"))
        if old is None or new is None:
            raise Http404
        if old.number > new.number:
            old, new = new, old
        changes = difference(old.revision, new.revision)
        context |= {
            "old": old,
            "new": new,
            "changes": [presenters.change(each) for each in changes if each.kind != "same" or each.moved],
            "same": sum(each.kind == "same" and not each.moved for each in changes),
            "cited": citations.cited([new.revision_id]).get(new.revision_id, []),
        }
    return render(request, "civic/policies/versions.html", context)


@shared()
def print_pack(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a policy for paper: everything on one page, both languages, no controls."""
    page = _published(slug)
    asked = consultations.of_page(page.pk, at=request.at)
    context = {
        "page": page,
        "plain": presenters.in_both_languages(page),
        "groups": presenters.groups(clauses_of(page)),
        "state": presenters.state(page, at=request.at, asked=asked),
        "asked": [each for each in asked if each.is_running],
        "address": urljoin(settings.BASE_URL, page.get_url(request) or "/"),
        "at": request.at,
    }
    return render(request, "civic/policies/print.html", context)


@shared()
def robots(request: HttpRequest) -> HttpResponse:
    """Tell crawlers what not to fetch."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/cms/", "/desk/", "/me/", "/accounts/", "/prefs/")),
        "",
        f"Sitemap: {urljoin(settings.BASE_URL, reverse('sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@shared()
def sitemap_xml(request: HttpRequest) -> HttpResponse:
    """List every public address."""
    pages = [sitemap.Address(page.get_url(request) or "/", page.last_published_at) for page in queries.public_pages()]
    addresses = [
        {"loc": urljoin(settings.BASE_URL, address.path), "changed_at": address.changed_at}
        for address in [*pages, *sitemap.added(request.at)]
    ]
    return render(request, "civic/policies/sitemap.xml", {"addresses": addresses}, content_type="application/xml")


class PolicyFeed(Feed[PublishedVersion, Any]):
    """Published versions, newest first, as Atom."""

    feed_type = Atom1Feed

    def title(self) -> str:
        """Name the feed."""
        return _("Policies of %(place)s") % {"place": site_text("place")}

    def link(self) -> str:
        """Lead to the library."""
        return "/policies/"

    def items(self) -> list[PublishedVersion]:
        """Return the newest versions."""
        newest = PublishedVersion.objects.filter(page__live=True).select_related("page")
        return list(newest.order_by("-published_at", "-pk")[:FEED_LENGTH])

    def item_title(self, item: PublishedVersion) -> str:
        """Return the policy's title."""
        return legible(localised(item.page, "title"))

    def item_description(self, item: PublishedVersion) -> str:
        """Return what changed, or what it governs."""
        return legible(localised(item, "note") or item.page.lead)

    def item_link(self, item: PublishedVersion) -> str:
        """Lead to that version."""
        return reverse("policy-version", args=[item.page.slug, item.number])

    def item_updateddate(self, item: PublishedVersion) -> Any:
        """Return when it was published."""
        return item.published_at

    item_pubdate = item_updateddate


@shared()
def feed(request: DjangoRequest) -> HttpResponse:
    """Answer feed readers."""
    response: HttpResponse = PolicyFeed()(request)
    return response


def _published(slug: str) -> PolicyPage:
    return get_object_or_404(queries.published(), slug=slug)


def _chosen(listed: list[PublishedVersion], number: str | None) -> PublishedVersion | None:
    return next((each for each in listed if str(each.number) == number), None)


def _as_of(request: HttpRequest, page: PolicyPage, day: date) -> HttpResponse:
    listed = queries.versions_of(page)
    held = queries.in_force_on(listed, day)
    if held is None:
        return _show(request, page, on=day, nothing_held=True)
    return _show(request, page, shown=held, on=day)


def _show(
    request: HttpRequest,
    page: PolicyPage,
    *,
    shown: PublishedVersion | None = None,
    on: date | None = None,
    nothing_held: bool = False,
    form: AsOfForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw a policy: its current text, or the text of one version."""
    is_preview = bool(getattr(request, "is_preview", False))
    is_saved = page.pk is not None
    page.slug = page.slug or "-"  # a page that was never saved, in preview
    listed = queries.versions_of(page) if is_saved else []
    newest = next((each for each in listed if each.revision_id == page.live_revision_id), None)
    is_old = shown is not None and shown != newest
    text = queries.text_of(shown) if is_old and shown is not None else page
    base = shown if shown is not None else newest
    previous = next((each for each in listed if base is not None and each.number < base.number), None)
    if is_preview:
        base, previous = None, newest
    changed = {}
    if previous is not None:
        changed = {each.clause.id: each for each in difference(previous.revision, clauses_of(text))}
    asked = consultations.of_page(page.pk, at=request.at) if is_saved else []
    talk = consultations.talk(page.pk, at=request.at) if is_saved and not is_preview else {}
    today = localdate(request.at)
    held_today = queries.in_force_on(listed, today)
    groups = presenters.groups(clauses_of(text), changed=changed, talk=talk)
    context = {
        "page": page,
        "text": text,
        "topics": list(text.topics.all()),
        "parts": list(text.places.all()),
        "contents": sum(len(group.clauses) for group in groups) > CONTENTS_FROM,
        "shown": shown,
        "is_old": is_old,
        "on": on,
        "nothing_held": nothing_held,
        "form": form if form is not None and form.is_bound else AsOfForm(initial={"on": on or today}),
        "state": presenters.state(text, at=request.at, asked=[] if is_old else asked),
        "groups": groups,
        "changed_count": sum(each.words_changed or each.kind == "added" for each in changed.values()),
        "previous": previous,
        "base": base,
        "history": presenters.history(page, listed, at=request.at),
        "asked": [each for each in asked if each.is_running],
        "asked_before": [each for each in asked if not each.is_running],
        "successors": list(page.superseded_by.live()) if is_saved else [],
        "older_in_force": held_today if not is_old and held_today not in {None, newest} else None,
    }
    return render(request, "civic/policies/policy.html", context, status=status)
