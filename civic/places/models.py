from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from civic.core.languages import localised


class PlaceQuerySet(models.QuerySet["Place"]):
    def within(self, place: "Place") -> "PlaceQuerySet":
        """Return the place and everything it contains."""
        return self.filter(path__startswith=place.path)

    def containing(self, place: "Place") -> "PlaceQuerySet":
        """Return the place and everything that contains it, widest first: one query."""
        return self.filter(path__in=place.ancestor_paths()).order_by("path")


class Place(models.Model):
    """A node of the tree.

    ``path`` is the codes from the root down, each followed by a slash; a place
    contains another exactly when its path is a prefix of the other's.
    """

    class Level(models.IntegerChoices):
        COUNTY = 1, _("county or city")
        TOWNSHIP = 2, _("district or township")
        COMMUNITY = 3, _("community or village")
        GRID = 4, _("grid")

    code = models.CharField(max_length=20, unique=True, help_text=_("administrative division code"))
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=90, unique=True, editable=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["path"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level=1, parent__isnull=True) | models.Q(level__gt=1, parent__isnull=False),
                name="only_a_county_has_no_parent",
            ),
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=4), name="place_has_four_levels"),
        ]

    def __str__(self) -> str:
        return localised(self, "name")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.path = f"{self.parent.path if self.parent else ''}{self.code}/"
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"{reverse('consultations')}?place={self.code}"

    def ancestor_paths(self) -> list[str]:
        """Return the paths of this place and all that contain it, widest first."""
        return ancestor_paths(self.path)

    def contains(self, other: "Place") -> bool:
        """Tell whether ``other`` is this place or lies inside it (no query)."""
        return other.path.startswith(self.path)


def ancestor_paths(path: str) -> list[str]:
    """Return every prefix of a path that is itself a path, shortest first."""
    codes = path.rstrip("/").split("/")
    return ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
