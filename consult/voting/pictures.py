"""Pictures of choices as pages show them: made small when they are sent, found in one question when they are read."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from wagtail.images.models import Image, Rendition

from consult.voting.models import Choice

SMALL, LARGE = "fill-240x180|format-webp", "max-960x720|format-webp"


@dataclass(frozen=True)
class Shown:
    """A picture in one size, and what it shows in words."""

    url: str
    width: int
    height: int
    alt: str


def prepare(picture: Image) -> None:
    """Make every size a page may show, so that no reader waits for it."""
    for spec in (SMALL, LARGE):
        picture.get_rendition(spec)


def of(choices: Sequence[Choice], spec: str = SMALL) -> dict[str, Shown]:
    """Return the pictures of choices by key; asks once for all, and not at all when there is none."""
    wanted = {choice.picture_id: choice.key for choice in choices if choice.picture_id is not None}
    if not wanted:
        return {}
    made = {each.image_id: each for each in _renditions(spec).filter(image__in=wanted)}
    for picture in Image.objects.filter(pk__in=wanted.keys() - made.keys()):
        made[picture.pk] = picture.get_rendition(spec)
    keys = {choice.key: choice.picture_id for choice in choices if choice.picture_id in made}
    return {key: _shown(made[pk]) for key, pk in keys.items()}


def _renditions(spec: str) -> "QuerySet[Rendition]":
    return Rendition.objects.filter(filter_spec=spec).select_related("image")


def _shown(rendition: Rendition) -> Shown:
    return Shown(rendition.url, rendition.width, rendition.height, rendition.image.description)
