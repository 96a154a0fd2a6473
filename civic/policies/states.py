"""The life of a policy: which steps are written down, and which follow from dates."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """What an editor says about a text: the only part of the life cycle that is stored."""

    PROPOSED = "proposed", _("draft for comment")
    DECIDED = "decided", _("decided")


class Status(models.TextChoices):
    """Where a policy stands at an instant.  Derived, never stored.

    Drafts and texts in review are not published; consulting follows from a
    running consultation; the rest from the stage and the dates in force.
    """

    DRAFT = "draft", _("draft")
    PROPOSED = "proposed", _("draft for comment")
    CONSULTING = "consulting", _("open for opinions")
    DECIDED = "decided", _("decided")
    IN_FORCE = "in_force", _("in force")
    UNDER_REVIEW = "under_review", _("being reviewed")
    REPEALED = "repealed", _("repealed")
