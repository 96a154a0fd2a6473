"""What every act writes anew: the indexes of the tables it touches."""

import pytest
from django.db import connection, models

from consult.discussion.models import Contribution, Support

pytestmark = pytest.mark.django_db


def test_a_support_writes_its_contribution_into_no_index_but_these() -> None:
    assert _indexes(Contribution) == {
        ("id",),
        ("submission",),
        ("consultation_id", "created_at", "id"),
        ("consultation_id", "num_vote_up", "id"),
        ("consultation_id", "clause"),
        ("author_id", "created_at"),
        ("contribution_reading_order",),
    }


def test_a_support_stands_in_no_index_but_these() -> None:
    assert _indexes(Support) == {("id",), ("content_type_id", "object_id", "user_id"), ("user_id", "create_at")}


def _indexes(model: type[models.Model]) -> set[tuple[str, ...]]:
    """Return the columns of each index; the name of one that is made of more than columns."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return {
        tuple(of["columns"]) if of["columns"] and None not in of["columns"] else (name,)
        for name, of in found.items()
        if of["index"] or of["unique"] or of["primary_key"]
    }
