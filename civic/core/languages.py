"""Texts that exist in Chinese and, where somebody translated them, in English."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_language


def localised(obj: Any, field: str) -> str:
    """Return ``obj.<field>_en`` to English readers when it is not empty, else ``obj.<field>``.

    The Chinese text is the official one; English is a courtesy translation.
    """
    if (get_language() or "").startswith("en"):
        return getattr(obj, f"{field}_en", "") or getattr(obj, field)
    return getattr(obj, field)


def site_text(name: str) -> str:
    """Return one part of the site's identity (``place``, ``organiser`` …) in the reader's language, or nothing."""
    english = settings.SITE.get(f"{name}_en", "") if (get_language() or "").startswith("en") else ""
    return english or settings.SITE.get(name, "")


def lacking_english(english: str) -> str:
    """Return the ``lang`` an English reader's fallback to Chinese must carry, empty when none is needed."""
    return "zh-Hans" if (get_language() or "").startswith("en") and not english else ""
