"""Pictures of choices as pages show them: made small when they are sent, found in one question when they are read."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from wagtail.images.models import Image, Rendition

from civic.core.languages import localised
from consult.voting.models import Choice

WORDS = "words_in_english"
SMALL, LARGE = "fill-240x180|format-webp", "max-960x720|format-webp"


@dataclass(frozen=True)
class Shown:
    """A picture in one size, and what it shows in words."""

    url: str
    width: int
    height: int
    alt: str
    alt_en: str = ""

    @property
    def words(self) -> str:
        """What it shows, in the reader's language where somebody wrote it."""
        return localised(self, "alt")

    @property
    def language(self) -> str:
        """The language of ``words``."""
        return "en" if self.alt_en and self.words == self.alt_en else "zh-Hans"


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
    for picture in Image.objects.filter(pk__in=wanted.keys() - made.keys()).select_related(WORDS):
        made[picture.pk] = picture.get_rendition(spec)
    keys = {choice.key: choice.picture_id for choice in choices if choice.picture_id in made}
    return {key: _shown(made[pk]) for key, pk in keys.items()}


def _renditions(spec: str) -> "QuerySet[Rendition]":
    return Rendition.objects.filter(filter_spec=spec).select_related("image", f"image__{WORDS}")


def _shown(rendition: Rendition) -> Shown:
    picture = rendition.image
    english = getattr(picture, WORDS, None)
    shows_en = english.shows if english is not None else ""
    return Shown(rendition.url, rendition.width, rendition.height, picture.description, shows_en)
