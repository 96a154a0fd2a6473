"""Signing up and in: allauth's views with our tabs and, in the demo, its accounts."""

from typing import Any

from allauth.account import views as allauth
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from civic.core.limits import limited
from civic.people import demo_accounts
from civic.people.forms import EMAIL, PHONE
from civic.ui.components import Tab


class LoginView(allauth.LoginView):
    """Sign in with a password, or ask for a code with the same box."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's accounts."""
        accounts = demo_accounts.shown()
        return super().get_context_data(**kwargs) | {
            "demo_accounts": accounts,
            "demo_password": demo_accounts.password() if accounts else "",
        }


@method_decorator(limited("sign-up"), name="dispatch")
class SignupView(allauth.SignupView):
    """Open an account with a mobile number or with an e-mail address: two tabs, one page."""

    @property
    def by(self) -> str:
        """Which of the two the person has chosen."""
        asked = self.request.POST.get("by") or self.request.GET.get("by")
        if asked is None and self.request.GET.get("email"):
            return EMAIL
        return EMAIL if asked == EMAIL else PHONE

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form which address it is for."""
        return super().get_form_kwargs() | {"by": self.by}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the tabs; each keeps the page to return to."""
        tabs = [
            Tab(label, self.passthrough_next_url(f"{reverse('account_signup')}?by={by}"), by == self.by)
            for by, label in ((PHONE, _("By mobile number")), (EMAIL, _("By e-mail")))
        ]
        return super().get_context_data(**kwargs) | {"tabs": tabs}
