from typing import Any

import pytest
from django.db import connection as this_thread

connection: Any = this_thread  # what Django keeps of a check is not typed

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("postgresql"),  # a file cannot hang up
]


def test_a_connection_that_lives_is_used_again_without_a_question(django_assert_num_queries: Any) -> None:
    connection.close()  # whoever was here before may have left one that is old enough to go
    connection.ensure_connection()
    kept = connection.connection
    for _ in range(2):
        connection.close_if_unusable_or_obsolete()
        connection.health_check_enabled, connection.health_check_done = True, False
        connection.close_if_health_check_failed()
        assert connection.connection is kept


def test_a_connection_the_server_ended_is_made_anew() -> None:
    connection.ensure_connection()
    gone = connection.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with connection.copy().temporary_connection() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.health_check_enabled, connection.health_check_done = True, False
    connection.close_if_health_check_failed()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert connection.connection is not gone
