from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeConfig(AppConfig):
    name = "consult.me"
    label = "consult_me"
    verbose_name = _("My matters")
