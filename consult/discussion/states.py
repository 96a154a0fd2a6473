"""The life of a contribution."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    PUBLISHED = "published", _("published")
    HELD = "held", _("held for a moderator")
    HIDDEN = "hidden", _("hidden")
    WITHDRAWN = "withdrawn", _("taken back by its author")


class Outcome(models.TextChoices):
    WAITING = "waiting", _("Waiting for an answer")
    ADOPTED = "adopted", _("Adopted")
    PARTLY = "partly", _("Partly adopted")
    NOT = "not", _("Not adopted")
