"""A rebuild while people go on writing."""

import threading
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from civic.places.models import Place
from search import documents
from search.documents import Document, Kind
from search.indexing import index_now, rebuild
from search.models import Generation, Posting, StoredDocument
from tests.factories.places import a_place

PLACES = 15


@pytest.mark.needs("postgresql")
@pytest.mark.django_db(transaction=True)
def test_a_rebuild_loses_no_write_and_brings_back_nothing_old(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def document(place: Place) -> Document | None:
        shown = not place.name.startswith("hidden")
        return Document(kind="place", key=str(place.pk), url="/", title=place.name, at=at) if shown else None

    kind = Kind("place", "Places", Place, document, Place.objects.all)
    monkeypatch.setattr(documents, "_kinds", {"place": kind})
    monkeypatch.setattr("search.indexing.BATCH", 4)
    county = a_place(name="county")
    ids = [a_place(inside=county, name="first").pk for _ in range(PLACES)]
    faults: list[Any] = []

    def write(mine: list[int]) -> None:
        try:
            for turn in range(8):
                for pk in mine:
                    name = f"hidden {turn}" if (turn + pk) % 3 == 0 else f"name {turn}"
                    Place.objects.filter(pk=pk).update(name=name)
                    index_now("place", pk)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    # Two writers share every place; a third of their turns hide it.
    threads = [threading.Thread(target=write, args=(order,)) for order in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        list(rebuild(at=at))
    for thread in threads:
        thread.join()

    assert not faults
    now = {str(place.pk): place.name for place in Place.objects.all() if document(place)}
    assert dict(StoredDocument.objects.values_list("key", "title")) == now
    assert Generation.objects.count() == 1
    assert not Posting.objects.exclude(document__in=StoredDocument.objects.all()).exists()
