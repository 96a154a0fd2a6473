"""Wagtail's admin as we run it: each change in one transaction with its record."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, path
from django.utils.datastructures import MultiValueDictKeyError
from django.views.decorators.cache import never_cache
from wagtail.admin import urls as wagtail_urls
from wagtail.admin.auth import require_admin_access
from wagtail.admin.viewsets.pages import page_viewset_registry
from wagtail.models import Page
from wagtail.permissions import page_permission_policy
from wagtail.utils.urlpatterns import decorate_urlpatterns

from civic.access.decorators import enter
from civic.access.questions import NO_MANDATE
from civic.core.http import HttpRequest
from civic.core.refusals import Refused

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def in_one_transaction(view: View) -> View:
    """Make what a POST does stand or fall together: the page, its workflow and our entries."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return wrapped


def for_those_who_work_here(view: View) -> View:
    """Let in whom the desk lets in, and of those the ones who hold a power over policies.

    Wagtail would send everybody else to sign in, and signing in back to it, for ever.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not enter(request).has_perm("wagtailadmin.access_admin"):
            raise Refused(NO_MANDATE)
        return view(request, *args, **kwargs)

    return wrapped


def unless_bent(view: View) -> View:
    """Answer an address or a form that nobody's browser makes as if there were nothing there.

    Wagtail breaks on it: where a form lacks a part, and in its dialogs, which write nothing, on what is no number.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except MultiValueDictKeyError as error:
            raise Http404 from error
        except (ValueError, AttributeError, NoReverseMatch) as error:
            if "/choose" not in request.path:
                raise
            logger.warning("a dialog of the CMS was asked for what it is not: %s", type(error).__name__, exc_info=True)
            raise Http404 from error

    return wrapped


def view_draft(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show a page as it would be published: to its editors, its second readers, and who may read drafts.

    Wagtail knows only the first two; this stands before its own view.
    """
    page = get_object_or_404(Page, pk=page_id)
    asked = page.permissions_for_user(request.user)
    if not (asked.can_edit() or asked.can_read()):
        raise Http404
    draft: Page = page.get_latest_revision_as_object()
    shown: HttpResponse = draft.make_preview_request(request, draft.default_preview_mode)
    return shown


def nowhere(request: HttpRequest, **_parts: Any) -> HttpResponse:
    """Answer as if there were nothing.

    Wagtail's page that breaks on purpose would raise the operator's alarm; the one that puts a picture into a text, of
    which there is none here, shows every picture to whoever counts up its number.
    """
    raise Http404


def unless_closed(view: View) -> View:
    """Answer the list below a page that is closed to somebody like one that does not exist.

    Wagtail lists nothing there, but names the page.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, parent_page_id: int) -> HttpResponse:
        root = page_permission_policy.explorable_root_instance(request.user)
        mine = page_permission_policy.explorable_instances(request.user)
        is_closed = root is not None and not mine.filter(pk=parent_page_id).exists()
        if is_closed and Page.objects.descendant_of(root).filter(pk=parent_page_id).exists():
            raise Http404
        return view(request, parent_page_id=parent_page_id)

    return wrapped


def _listing(name: str) -> View:
    return unless_closed(page_viewset_registry.as_view(name, parent_page_id_kwarg="parent_page_id"))


# What stands before Wagtail's own views of the same addresses.
# Like those, no browser keeps them: the next one at this machine would find a draft there.
_OURS = decorate_urlpatterns(
    decorate_urlpatterns(
        [
            path("failwhale/", nowhere),
            path("images/chooser/<int:image_id>/select_format/", nowhere),
            path("pages/<int:page_id>/view_draft/", view_draft),
            path("pages/<int:parent_page_id>/", _listing("index")),
            path("pages/<int:parent_page_id>/results/", _listing("index_results")),
        ],
        require_admin_access,
    ),
    never_cache,
)

urlpatterns = decorate_urlpatterns(
    decorate_urlpatterns(decorate_urlpatterns([*_OURS, *wagtail_urls.urlpatterns], in_one_transaction), unless_bent),
    for_those_who_work_here,
)
