"""Adding places to the tree, and naming them."""

import re
from datetime import datetime

from django.db import transaction

from civic.events.bus import publish
from civic.places import actions
from civic.places.models import Place

_CODE = re.compile(r"[0-9A-Za-z-]{1,20}")


def put(*, code: str, name: str, name_en: str, parent: str, at: datetime) -> bool:
    """Add a place below another (``parent`` is its code, empty for a county), or give it these names; return whether anything changed.

    For lists the operator brings in: run again, it changes nothing.  Raises
    ``ValueError`` with one sentence for a code or a name that cannot be kept, an
    unknown parent, a fifth level, and a place that would move: powers and
    residences hang on where a place lies.
    """
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no code: letters, digits and hyphens, at most 20.")
    for words, longest in ((name, 60), (name_en, 80)):
        if len(words) > longest:
            raise ValueError(f"{words[:20]!r}… is longer than {longest} characters.")
    with transaction.atomic():
        above = Place.objects.filter(code=parent).first() if parent else None
        if parent and above is None:
            raise ValueError(f"there is no place {parent}: it has to stand above those it contains.")
        level = above.level + 1 if above is not None else Place.Level.COUNTY
        if level > Place.Level.GRID:
            raise ValueError(f"{parent} is a grid: nothing lies in it.")
        place = Place.objects.select_for_update(of=("self",)).filter(code=code).first()
        if place is None:
            place = Place.objects.create(code=code, name=name, name_en=name_en, parent=above, level=level)
            publish(actions.ADDED, subject=place, actor=None, at=at, facts={"code": code})
            return True
        if place.parent_id != (above.pk if above is not None else None):
            raise ValueError(f"{code} lies elsewhere already: a place is never moved.")
        if (place.name, place.name_en) == (name, name_en):
            return False
        Place.objects.filter(pk=place.pk).update(name=name, name_en=name_en)
        publish(actions.RENAMED, subject=place, actor=None, at=at, facts={"code": code})
        return True
