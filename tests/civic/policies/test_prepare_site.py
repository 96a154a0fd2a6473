"""``prepare_site``: what a new installation needs before its first visitor."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page, Site


@pytest.mark.django_db
def test_a_new_installation_has_its_own_home_page_and_a_second_run_changes_nothing(
    client: Client, settings: Any
) -> None:
    settings.BASE_URL = "https://gongyi.example.gov.cn"
    call_command("prepare_site", stdout=StringIO())
    pages = list(Page.objects.order_by("pk").values_list("pk", "url_path"))
    call_command("prepare_site", stdout=StringIO())

    site = Site.objects.get()
    assert (site.hostname, site.port) == ("gongyi.example.gov.cn", 443)
    assert site.site_name == settings.WAGTAIL_SITE_NAME
    assert list(Page.objects.order_by("pk").values_list("pk", "url_path")) == pages
    answer = client.get("/")
    assert (answer.status_code, b"Wagtail" in answer.content) == (200, False)
    assert client.get("/policies/").status_code == 200
