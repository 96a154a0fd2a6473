"""What pictures of choices show, in words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PictureWords(models.Model):
    """What a picture shows, in English; the Chinese words are the picture's own description."""

    picture = models.OneToOneField("wagtailimages.Image", on_delete=models.CASCADE, related_name="words_in_english")
    shows = models.CharField(_("what it shows, in English"), max_length=200)

    class Meta:
        verbose_name = _("words for a picture")
        verbose_name_plural = _("words for pictures")
        default_permissions = ()

    def __str__(self) -> str:
        return self.shows
