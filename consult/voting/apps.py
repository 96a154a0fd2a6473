from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VotingConfig(AppConfig):
    name = "consult.voting"
    label = "consult_voting"
    verbose_name = _("Voting")
