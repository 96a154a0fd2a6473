"""Where somebody is led back to from a refusal, or from showing the second factor."""

import pytest
from django.test import RequestFactory

from civic.access.second_factor import came_from


@pytest.mark.parametrize(
    ("sent_from", "back"),
    [
        ("http://testserver/desk/?show=all", "/desk/?show=all"),
        ("http://testserver", "/"),
        ("http://testserver//evil.example/desk/", "/desk/open/"),
        ("http://testserver/\\evil.example", "/desk/open/"),
        ("http://evil.example/", "/desk/open/"),
        ("", "/desk/open/"),
    ],
)
def test_the_way_back_never_leads_off_the_site(sent_from: str, back: str) -> None:
    assert came_from(RequestFactory().post("/desk/open/", headers={"referer": sent_from})) == back
