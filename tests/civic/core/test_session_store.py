"""A session cookie may hold anything."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cookie",
    [
        '"abcdefgh\\000ijkl"',
        '"abcdefgh\\377ijkl"',
        "长长长长长".encode().decode("latin-1"),
        "a" * 4000,
        "'; DROP TABLE x",
    ],
)
def test_a_cookie_that_is_no_key_of_ours_is_no_session(cookie: str) -> None:
    visitor = Client(raise_request_exception=False)
    answer = visitor.get("/me/", headers={"cookie": f"sessionid={cookie}"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=/me/")
