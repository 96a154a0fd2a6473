"""Wagtail's questions about pages, images and documents, answered from grants.

Wagtail asks class-level policies; ``install`` replaces their answers.  Nobody
is ever given Wagtail's own "publish": publishing happens only by approval
(``civic.policies.approval``), so no button, bulk action or request can skip
the second person.  Being a superuser opens nothing, and neither does having
made a page: whose draft it is says its issuing body, today.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.models import Collection, Page
from wagtail.models.pages import PagePermissionTester
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy, CollectionPermissionLookupMixin
from wagtail.permission_policies.pages import PagePermissionPolicy

from civic.access.mandates import Mandate, mandates_of
from civic.access.questions import holders, visible
from civic.core import clock
from civic.people import rules as people
from civic.people.models import Level, Person
from civic.policies import actions, queries
from civic.policies.models import HomePage, PolicyIndexPage, PolicyPage

ADD, CHANGE = "add_page", "change_page"
READ = "read_page"  # ours: Wagtail knows only those who edit


@dataclass(frozen=True)
class _Codename:
    codename: str


@dataclass(frozen=True)
class PageRow:
    """What Wagtail reads of a group's permission on a page.

    Without ``below`` it is of this page alone: adding to the library opens
    nothing that others keep in it.
    """

    page: Page
    permission: _Codename
    below: bool = False

    @property
    def page_id(self) -> int:
        """The page's id, as a foreign key would offer it."""
        return self.page.pk

    def covers(self, page: Page) -> bool:
        """Tell whether it holds on ``page``."""
        return page.pk == self.page.pk or (self.below and page.path.startswith(self.page.path))


@dataclass(frozen=True)
class CollectionRow:
    """What Wagtail reads of a group's permission on a collection."""

    collection: Collection
    permission: _Codename

    @property
    def collection_id(self) -> int:
        """The collection's id, as a foreign key would offer it."""
        return self.collection.pk


def rows_of(person: Any, *, at: datetime) -> list[PageRow]:
    """Return what a person's live grants open in the page tree: to read, to change, to add to."""
    rows = [PageRow(page, _Codename(READ)) for page in _covered(person, actions.VIEW_DRAFT, at)]
    if rows:
        rows += [PageRow(index, _Codename(READ)) for index in Page.objects.type(PolicyIndexPage)]
    mandates = _edit_mandates(person, at)
    if any(_is_site_wide(mandate) for mandate in mandates):
        homes = Page.objects.type(HomePage)
        rows += [PageRow(home, _Codename(name), below=True) for home in homes for name in (ADD, CHANGE)]
    elif mandates:
        rows += [PageRow(index, _Codename(ADD)) for index in Page.objects.type(PolicyIndexPage)]
        rows += [PageRow(page, _Codename(CHANGE)) for page in _covered(person, actions.EDIT, at)]
    return rows


def _covered(person: Any, action: str, at: datetime) -> "QuerySet[Page]":
    if not isinstance(person, Person):
        return Page.objects.none()
    return Page.objects.filter(pk__in=visible(person, action, PolicyPage.objects.all(), at=at).values("page_ptr"))


def _edit_mandates(person: Any, at: datetime) -> list[Mandate]:
    if not isinstance(person, Person) or people.standing(person, level=Level.CONTACT, at=at) is not None:
        return []
    return mandates_of(person, actions.EDIT, at=at)


def _is_site_wide(mandate: Mandate) -> bool:
    return mandate.place_path is None and mandate.body_id is None and mandate.matter_id is None


def _asked_at(person: Any) -> datetime:
    # Wagtail asks many times per request: one instant per loaded person keeps it one query.
    return person.__dict__.setdefault("_asked_at", clock.now())


def _page_rows(policy: PagePermissionPolicy, user: Any) -> list[PageRow]:
    return rows_of(user, at=_asked_at(user))


def _no_shortcut_for_superusers(policy: PagePermissionPolicy, user: Any) -> "QuerySet[Page] | None":
    return None if user.is_active else policy.model._default_manager.none()


def _permitted_pages(policy: PagePermissionPolicy, user: Any, verbs: Iterable[str]) -> "QuerySet[Page]":
    """Return the pages a person may do any of this to."""
    wanted = policy._get_permission_codenames(set(verbs))
    return _pages_of(policy, [row for row in policy.get_cached_permissions_for_user(user) if _name(row) in wanted])


def _pages_of(policy: PagePermissionPolicy, rows: Iterable[PageRow]) -> "QuerySet[Page]":
    """Return the pages in one condition: a body with hundreds of policies must not make hundreds of them."""
    pages = policy.model._default_manager.none()
    alone = []
    for row in rows:
        if row.below:
            pages |= policy.model._default_manager.descendant_of(row.page, inclusive=True)
        else:
            alone.append(row.page_id)
    return pages | policy.model._default_manager.filter(pk__in=alone)


def _name(row: PageRow) -> str:
    return row.permission.codename


def _may_anywhere(policy: PagePermissionPolicy, user: Any, verbs: Iterable[str]) -> bool:
    names = {_name(row) for row in policy.get_cached_permissions_for_user(user)} if user.is_active else set()
    # Lists of pages ask for any verb there is: whoever reads drafts may look too.
    looks = READ in names and {"add", "change", "publish"} <= set(verbs)
    return looks or bool(names & policy._get_permission_codenames(set(verbs)))


def _may_on_page(policy: PagePermissionPolicy, user: Any, verbs: Iterable[str], page: Page) -> bool:
    wanted = policy._get_permission_codenames(set(verbs))
    rows = policy.get_cached_permissions_for_user(user) if user.is_active else []
    return any(_name(row) in wanted and row.covers(page) for row in rows)


def _explorable_pages(policy: PagePermissionPolicy, user: Any) -> "QuerySet[Page]":
    """Return the pages a person reads or works on and those above them, up to the one they share."""
    rows = policy.get_cached_permissions_for_user(user)
    if not rows:
        return policy.model._default_manager.none()
    above = {row.page.path[:end] for row in rows for end in range(Page.steplen, len(row.page.path), Page.steplen)}
    shared = Page.objects.first_common_ancestor_of([row.page for row in rows], include_self=True)
    pages = _pages_of(policy, rows)
    return (pages | policy.model._default_manager.filter(path__in=above)).filter(path__startswith=shared.path)


def _directly_explorable(policy: PagePermissionPolicy, user: Any) -> list[Page]:
    return [row.page for row in policy.get_cached_permissions_for_user(user)]


class PageQuestions(PagePermissionTester):
    """Wagtail's questions about one page, for the person's rows that hold on it."""

    def __init__(self, user: Any, page: Page) -> None:
        super().__init__(user, page)
        rows = self.permission_policy.get_cached_permissions_for_user(user) if user.is_active else []
        self.permissions = {_name(row).rsplit("_", maxsplit=1)[0] for row in rows if row.covers(page)}

    def can_read(self) -> bool:
        """Tell whether the person may read what is not published of it."""
        return "read" in self.permissions


def _people_who(policy: PagePermissionPolicy, verbs: Iterable[str], *_more: Any, **_ignored: Any) -> "QuerySet[Person]":
    if set(verbs) <= {"publish"}:
        return Person.objects.none()
    return holders(actions.EDIT, at=clock.now())


def _people_who_on(
    policy: PagePermissionPolicy, verbs: Iterable[str], instance: Page, *_more: Any, **_ignored: Any
) -> "QuerySet[Person]":
    if set(verbs) <= {"publish"}:
        return Person.objects.none()
    return holders(actions.EDIT, instance.specific, at=clock.now())


def _collection_rows(policy: CollectionPermissionLookupMixin, user: Any) -> list[CollectionRow]:
    """Editors may add and choose pictures and files; collections are one shelf for the whole site."""
    if not _edit_mandates(user, _asked_at(user)):
        return []
    root = Collection.get_first_root_node()
    names = ("add_image", "choose_image", "add_document", "choose_document")
    return [CollectionRow(root, _Codename(name)) for name in names]


def _may_in_collection(
    policy: CollectionPermissionLookupMixin, user: Any, verbs: Iterable[str], collection: Collection | None = None
) -> bool:
    if not (user.is_active and user.is_authenticated):
        return False
    rows = policy._get_user_permission_objects_for_actions(user, verbs)
    return any(
        collection is None or collection.pk == row.collection_id or collection.is_descendant_of(row.collection)
        for row in rows
    )


def _may_with_a_file(policy: CollectionOwnershipPermissionPolicy, user: Any, verbs: Iterable[str], file: Any) -> bool:
    """Nobody changes or takes away what was approved or voted on, though they sent it: Wagtail lets its owner."""
    wanted = set(verbs)
    if wanted & {"change", "delete"} and queries.is_held(file):
        wanted -= {"change", "delete"}
    if "choose" in wanted and not queries.for_pages(type(file)._default_manager.filter(pk=file.pk)).exists():
        wanted -= {"choose"}
    return bool(wanted) and _WAGTAILS_OWN(policy, user, wanted, file)


def _files_to_choose(policy: CollectionOwnershipPermissionPolicy, user: Any, verbs: Iterable[str]) -> "QuerySet[Any]":
    """No picture of a choice or a tally sheet is offered for a page: a draft's tells of it."""
    files: QuerySet[Any] = _WAGTAILS_OWN_FILES(policy, user, verbs)
    return queries.for_pages(files) if set(verbs) == {"choose"} else files


def _chosen_together(action: BulkAction) -> tuple[list[Any], dict[str, Any]]:
    """Wagtail names what it leaves out to whoever counts up its numbers: other offices' drafts, a poll's pictures."""
    chosen, left_out = _WAGTAILS_OWN_CHOICE(action)
    return chosen, left_out | {"items_with_no_access": []}


_WAGTAILS_OWN_CHOICE = BulkAction.get_actionable_objects
_WAGTAILS_OWN = CollectionOwnershipPermissionPolicy.user_has_any_permission_for_instance
_WAGTAILS_OWN_FILES = CollectionOwnershipPermissionPolicy.instances_user_has_any_permission_for


def install() -> None:
    """Put our answers in place of Wagtail's, on the classes, because their instances are everywhere."""
    page_policy: Any = PagePermissionPolicy
    page_policy.get_all_permissions_for_user = _page_rows
    page_policy._base_queryset_for_user = _no_shortcut_for_superusers
    page_policy.instances_user_has_any_permission_for = _permitted_pages
    page_policy.user_has_any_permission = _may_anywhere
    page_policy.user_has_any_permission_for_instance = _may_on_page
    page_policy.explorable_instances = _explorable_pages
    page_policy.instances_with_direct_explore_permission = _directly_explorable
    page: Any = Page
    page.permissions_for_user = lambda page, user: PageQuestions(user, page)
    page_policy.users_with_any_permission = _people_who
    page_policy.users_with_any_permission_for_instance = _people_who_on
    collection_policy: Any = CollectionPermissionLookupMixin
    collection_policy.get_all_permissions_for_user = _collection_rows
    collection_policy._check_perm = _may_in_collection
    bulk_action: Any = BulkAction
    bulk_action.get_actionable_objects = _chosen_together
    ownership_policy: Any = CollectionOwnershipPermissionPolicy
    ownership_policy.user_has_any_permission_for_instance = _may_with_a_file
    ownership_policy.instances_user_has_any_permission_for = _files_to_choose
