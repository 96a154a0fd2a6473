"""The order of a thread, and that an index knows it."""

import uuid
from datetime import timedelta

from django.core.paginator import Paginator
from django.db import connection

from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion import domain, queries
from consult.discussion.models import Contribution
from tests.consult.conftest import AT, County, say


def reply(parent: Contribution, by: Person, after: int = 0) -> Contribution:
    at = AT + timedelta(hours=after)
    return domain.respond(person=by, parent=parent, text="同意。", at=at, submission=uuid.uuid4())


def test_each_response_is_followed_by_those_to_it_on_every_page(county: County, consultation: Consultation) -> None:
    root, other = (say(consultation, county.resident) for _ in range(2))
    first, second = (reply(root, county.resident) for _ in range(2))
    late, early = reply(first, county.resident, after=2), reply(first, county.resident, after=1)
    rest = [reply(second, county.resident, after=1) for _ in range(queries.RESPONSES_PER_PAGE)]
    reply(other, county.resident)
    pages = Paginator(queries.thread(root), queries.RESPONSES_PER_PAGE)
    shown = [row.pk for page in pages for row in queries.page_of_thread(root, page)]
    assert shown == [row.pk for row in (first, early, late, second, *rest)]


def test_a_kept_plan_takes_the_order_of_a_thread_from_its_index(county: County, consultation: Consultation) -> None:
    numbers = queries.in_reading_order(Contribution.objects.filter(root=say(consultation, county.resident))).values(
        "pk"
    )
    sql, params = numbers.query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # So few rows are sorted sooner than looked up: without that, and with the values unknown.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            cursor.execute(f"PREPARE reading (bigint) AS {sql % '$1'}")
            cursor.execute(f"EXPLAIN EXECUTE reading ({params[0]})")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = "\n".join(str(row) for row in cursor.fetchall())
        if connection.vendor == "postgresql":
            cursor.execute("DEALLOCATE reading")
    assert "contribution_reading_order" in plan, plan
    assert "Sort" not in plan, plan
    assert "B-TREE" not in plan, plan
