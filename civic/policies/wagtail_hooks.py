"""What Wagtail's admin shows beside its own: a running consultation, and what does not belong."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.documents.models import Document
from wagtail.documents.permissions import permission_policy as document_permission_policy
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from civic.core.http import HttpRequest
from civic.policies import consultations, queries
from civic.policies.models import PolicyPage

# What Wagtail's own Chinese leaves in English on its first page, listed here so that our catalogue says it.
ADDED = (
    gettext_noop("Search all pages…"),
    gettext_noop("Wagtail %(current_version)s editor guide"),
    ngettext_lazy(
        '%(total)s Page <span class="w-sr-only">created in %(site_name)s</span>',
        '%(total)s Pages <span class="w-sr-only">created in %(site_name)s</span>',
    ),
    ngettext_lazy(
        '%(total)s Image <span class="w-sr-only">created in %(site_name)s</span>',
        '%(total)s Images <span class="w-sr-only">created in %(site_name)s</span>',
    ),
    ngettext_lazy(
        '%(total)s Document <span class="w-sr-only">created in %(site_name)s</span>',
        '%(total)s Documents <span class="w-sr-only">created in %(site_name)s</span>',
    ),
)


@hooks.register("before_edit_page")
def tell_about_consultation(request: HttpRequest, page: Page) -> None:
    """Say that people are commenting on this text: its published words stay as they are pinned."""
    if request.method != "GET" or not isinstance(page, PolicyPage):
        return
    for asked in consultations.of_page(page.pk, at=request.at):
        if asked.is_running:
            sentence = _("People are commenting on this text now. What you change shows as a difference:")
            messages.warning(request, format_html('{} <a href="{}">{}</a>', sentence, asked.url, asked.title))


@hooks.register("construct_page_chooser_queryset")
def choose_among_the_readable(pages: "QuerySet[Page]", request: HttpRequest) -> "QuerySet[Page]":
    """Offer what is published and what the person works on: the name of another office's draft tells of it."""
    mine = page_permission_policy.explorable_instances(request.user)
    return pages.filter(Q(live=True) | Q(pk__in=mine.values("pk")))


@hooks.register("before_serve_document")
def hand_out_what_is_published(document: Document, request: HttpRequest) -> None:
    """Answer as if there were no such file until a published page leads to it; those who may attach it may read it."""
    attaches = document_permission_policy.user_has_any_permission(request.user, ["choose"])
    if not attaches and not queries.is_attached(document):
        raise Http404


@hooks.register("after_edit_page")
def lead_back(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Bring an approver without a part of the page tree back to the start, not to a closed door."""
    if page_permission_policy.explorable_root_instance(request.user) is None:
        return redirect("wagtailadmin_home")
    return None


@hooks.register("construct_settings_menu")
def hide_group_screens(request: HttpRequest, menu_items: list[Any]) -> None:
    """Powers come from grants: screens for users and groups would edit what no longer counts."""
    menu_items[:] = [item for item in menu_items if item.name not in {"users", "groups", "workflows", "workflow-tasks"}]
