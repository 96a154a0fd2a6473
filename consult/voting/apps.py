from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class VotingConfig(AppConfig):
    name = "consult.voting"
    label = "consult_voting"
    verbose_name = _("Voting")

    def ready(self) -> None:
        from consult.voting import actions, personal, proofs, roles, stores  # noqa: F401, PLC0415 - models are loaded only now

        connection_created.connect(stores.teach, dispatch_uid="voting-stores")
        post_migrate.connect(roles.separate, sender=self, dispatch_uid="voting-roles")
