from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "consult.demo"
    label = "consult_demo"
    verbose_name = _("Demo county")
