"""Django's permission questions, answered from the same grants."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from civic.access.mandates import mandates_of
from civic.core import clock
from civic.people.models import Person
from civic.people.rules import standing

# Django permission → the actions that open it.  Sub-apps add theirs in AppConfig.ready().
OPENED_BY: dict[str, set[str]] = {}


def open_permission(permission: str, *actions: str) -> None:
    """Let holders of any of ``actions`` pass Django's check for ``permission``."""
    OPENED_BY.setdefault(permission, set()).update(actions)


class GrantBackend(BaseBackend):
    """Answers ``has_perm`` from live mandates; signs nobody in."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, Person):
            return set()
        # Django asks many times per request: one instant per loaded person keeps it one query.
        at = user_obj.__dict__.setdefault("_asked_at", clock.now())
        if standing(user_obj, level=0, at=at) is not None:
            return set()
        actions = {mandate.action for mandate in mandates_of(user_obj, at=at)}
        return {permission for permission, openers in OPENED_BY.items() if openers & actions}

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)
