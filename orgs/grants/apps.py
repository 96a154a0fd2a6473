from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GrantsConfig(AppConfig):
    name = "orgs.grants"
    label = "orgs_grants"
    verbose_name = _("Grants")

    def ready(self) -> None:
        from civic.access.mandates import plug_in  # noqa: PLC0415 - models are loaded only now
        from civic.access.sessions import ask_along  # noqa: PLC0415
        from civic.ui.shell import add_desk  # noqa: PLC0415
        from orgs.grants import actions, forgetting, personal, subscribers  # noqa: F401, PLC0415
        from orgs.grants.provider import MAY_HOLD, GrantProvider, may_hold_any  # noqa: PLC0415

        plug_in(GrantProvider())
        ask_along(MAY_HOLD, may_hold_any)
        add_desk(
            _("Powers given"), "desk-grants", actions={actions.ISSUE}, place=70,
            about=_("Say who may do what, where and until when."),
        )  # fmt: skip
        add_desk(
            _("A power for an hour"), "desk-more", actions={actions.ELEVATE}, place=75,
            about=_("For what cannot wait. Each use is public."),
        )  # fmt: skip
