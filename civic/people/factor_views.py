"""The pages of the second factor: allauth's, with the way back kept and, in the demo, the code shown."""

from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.core.internal.httpkit import add_query_params
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from civic.people import factors


class _KeepsTheWayBack:
    """Carries ``next`` through a page, so that whoever came for something gets there."""

    request: HttpRequest

    def way_back(self) -> str:
        """Return the page the person was on the way to, when it is one of ours."""
        return get_next_redirect_url(self.request) or ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # the view beside us
        return context | {"next": self.way_back()}


@method_decorator(never_cache, name="dispatch")
class AuthenticateView(base.AuthenticateView):
    """The code after the password."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's code."""
        return super().get_context_data(**kwargs) | {"demo_code": factors.demo_code_of(self.stage.login.user)}


@method_decorator(never_cache, name="dispatch")
class ReauthenticateView(base.ReauthenticateView):
    """The code once more: a session that has not shown it, or not lately."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's code."""
        return super().get_context_data(**kwargs) | {"demo_code": factors.demo_code_of(self.request.user)}


@method_decorator(never_cache, name="dispatch")
class ActivateTOTPView(_KeepsTheWayBack, totp.ActivateTOTPView):
    """Set up an app; whoever enters its first code has shown it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the secret in groups that can be typed, and the demo's code."""
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return context | {"secret_in_groups": groups, "demo_code": factors.demo_code(secret)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the app, and remember that this session has shown it."""
        response = super().form_valid(form)
        factors.record_passed(self.request, form.user, kind=Authenticator.Type.TOTP)
        return response

    def get_success_url(self) -> str:
        """Go on to the recovery codes, and from there to where the person was going."""
        after = str(super().get_success_url())
        way_back = self.way_back()
        if not way_back:
            return after
        return add_query_params(after, {"next": way_back}) if self.did_generate_recovery_codes else way_back


@method_decorator(never_cache, name="dispatch")
class DeactivateTOTPView(totp.DeactivateTOTPView):
    """Take an app away."""


@method_decorator(never_cache, name="dispatch")
class ViewRecoveryCodesView(_KeepsTheWayBack, recovery.ViewRecoveryCodesView):
    """Show the recovery codes, once."""


@method_decorator(never_cache, name="dispatch")
class GenerateRecoveryCodesView(recovery.GenerateRecoveryCodesView):
    """Make new recovery codes; the old ones end."""

    def get_success_url(self) -> str:
        """Show them."""
        return reverse("mfa_view_recovery_codes")
