"""Places of an invented county."""

from itertools import count

from civic.places.models import Place

_codes = count(1)


def a_place(*, inside: Place | None = None, name: str = "", code: str = "") -> Place:
    """Return a new county, or a place one level below ``inside``."""
    level = inside.level + 1 if inside is not None else Place.Level.COUNTY
    code = code or f"t{next(_codes):05}"
    return Place.objects.create(
        code=code, name=name or f"地方{code}", name_en=f"Place {code}", level=level, parent=inside
    )


def a_county() -> Place:
    """Return a county of one district, community and grid."""
    county = a_place(name="云澜县")
    a_place(inside=a_place(inside=a_place(inside=county)))
    return county
