"""What every page's template may use."""

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.utils.translation import get_language

from civic.core import clock
from civic.core.languages import site_text
from civic.ui import shell


class Frame:
    """The parts around a page; each is worked out only when a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.elder: bool = getattr(request, "elder", False)
        self.theme: str = getattr(request, "theme", "")
        self.section = shell.section_of(request.path)
        self.navigation = shell.NAVIGATION
        language = get_language() or settings.LANGUAGE_CODE
        self.language = "zh-Hans" if language.startswith("zh") else language
        self.other_language = ("zh-hans", "zh-Hans", "中文") if language.startswith("en") else ("en", "en", "EN")
        # Where a switch brings the reader back to; a form that was sent is shown again by its address.
        self.here = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path

    @property
    def key(self) -> tuple[Any, ...]:
        """All that the parts around a page show but what is one person's own, for keeping them drawn."""
        return (self._request.path, self.here, self.theme, self.elder, *settings.SITE.values())

    @property
    def whole(self) -> tuple[Any, ...] | None:
        """``key`` and what is the reader's own around a page but their unread notices, for keeping it drawn as a whole.

        None while there is a message for them.
        """
        if get_messages(self._request):
            return None
        return (*self.key, self._request.user.is_authenticated, len(self.powers))

    @property
    def site(self) -> dict[str, str]:
        """The site's identity in the reader's language."""
        return {name: site_text(name) for name in settings.SITE if not name.endswith("_en")}

    @property
    def footer(self) -> list[Any]:
        """The footer's lists of links."""
        return shell.footer()

    @property
    def powers(self) -> list[shell.Power]:
        """The signed-in person's live powers, soonest end first; nobody else has any."""
        user = getattr(self._request, "user", None)
        if user is None or not user.is_authenticated:
            return []
        found = shell.powers_of(user, self._at)
        return sorted(found, key=lambda power: (power.until is None, power.until))

    @property
    def desks(self) -> list[Any]:
        """The desks open to the signed-in person."""
        return shell.desks_of(self._request.user, self._at, self._request.path)

    @property
    def _at(self) -> Any:
        return getattr(self._request, "at", None) or clock.now()


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the page's frame, whether it is in elder mode, and whether this is the demo."""
    frame = Frame(request)
    return {"frame": frame, "elder": frame.elder, "demo": settings.DEMO}
