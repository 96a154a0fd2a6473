from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class VotingConfig(AppConfig):
    name = "consult.voting"
    label = "consult_voting"
    verbose_name = _("Voting")

    def ready(self) -> None:
        from civic.core.pages import changes_by_the_clock  # noqa: PLC0415
        from civic.ui.shell import add_desk  # noqa: PLC0415
        from consult.discussion.panels import add_panel  # noqa: PLC0415
        from consult.voting import (  # noqa: PLC0415 - models are loaded only now
            actions,
            finding,  # noqa: F401
            kinds,  # noqa: F401
            panel,  # noqa: F401
            personal,  # noqa: F401
            proofs,  # noqa: F401
            roles,
            stores,
            subscribers,  # noqa: F401
        )
        from consult.voting.home import polls_panel  # noqa: PLC0415
        from consult.voting.queries import next_edge, waiting_for_auditors  # noqa: PLC0415

        changes_by_the_clock(next_edge)
        add_desk(_("Polls"), "desk-polls", actions={actions.MANAGE}, place=35, within="/desk/meetings/")
        add_desk(
            _("Audit of polls"), "desk-audits", actions={actions.CERTIFY}, waiting=waiting_for_auditors, place=45,
            about=_("Recount, sample receipts, and sign what you found."),
        )  # fmt: skip
        add_desk(
            _("Write for somebody"), "desk-writing-for", actions={actions.WRITE_FOR}, place=42,
            about=_("For residents who cannot fill in a ballot themselves and sit beside you."),
        )  # fmt: skip
        add_desk(
            _("Paper ballots"), "desk-paper", actions={actions.KEY}, place=40,
            about=_("Hand out paper ballots, and key those that come back."),
        )  # fmt: skip
        add_panel(polls_panel)
        connection_created.connect(stores.teach, dispatch_uid="voting-stores")
        post_migrate.connect(roles.separate, sender=self, dispatch_uid="voting-roles")
