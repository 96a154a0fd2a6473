"""Pictures of what is voted on, through the CMS: they belong to the poll, whoever sent them."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail.images.models import Image

from civic.people.models import Person
from civic.policies import actions, queries
from consult.voting import domain
from consult.voting.models import Choice, Poll
from tests.civic.core.test_uploads import a_picture
from tests.consult.conftest import AT
from tests.consult.voting.conftest import OPENS, Drafter
from tests.factories.bodies import a_grant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]


@pytest.fixture
def editing(clerk: Person, client: Client, settings: Any, tmp_path: Any) -> Client:
    """The browser of the clerk, who also writes policies and so may enter the CMS."""
    settings.MEDIA_ROOT = tmp_path
    a_grant(actions.EDIT, to=clerk, at=AT)
    client.force_login(clerk)
    return client


@pytest.fixture
def pictured(draft: Drafter, clerk: Person, editing: Client) -> Poll:
    """A poll that is open, with a picture the clerk sent beside one choice."""
    poll = draft()
    file = SimpleUploadedFile("park.jpg", a_picture(), "image/jpeg")
    picture = Image.objects.create(title="公园", description="公园", file=file, uploaded_by_user=clerk)
    at = OPENS - (AT - OPENS)
    domain.illustrate(poll=poll, actor=clerk, key="park", picture=picture, at=at)
    domain.announce(poll=poll, actor=clerk, at=at)
    domain.draw_roll(poll=poll, actor=clerk, at=at)
    domain.open_poll(poll=poll, actor=clerk, at=at)
    return poll


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Wagtail leaves its temporary file open
@pytest.mark.parametrize("address", ["/cms/images/{}/", "/cms/images/multiple/{}/"])
def test_what_a_picture_shows_and_says_stays_as_it_was_announced(editing: Client, pictured: Poll, address: str) -> None:
    picture = Choice.objects.get(poll=pictured, key="park").picture
    other = SimpleUploadedFile("road.jpg", a_picture(size=(9, 9)), "image/jpeg")
    words = {"title": "道路", "description": "道路"}
    sent = words | {f"image-{picture.pk}-{name}": said for name, said in words.items()} | {"file": other}
    answer = editing.post(address.format(picture.pk), sent, headers={"x-requested-with": "XMLHttpRequest"})
    assert answer.status_code in {302, 403}  # the address is one of the CMS
    after = Image.objects.get(pk=picture.pk)
    assert (after.title, after.description, after.width) == ("公园", "公园", picture.width)


@pytest.mark.parametrize("address", ["/cms/images/{}/delete/", "/cms/bulk/wagtailimages/image/delete/?id={}"])
def test_a_picture_of_a_choice_is_not_taken_away(editing: Client, pictured: Poll, address: str) -> None:
    picture = Choice.objects.get(poll=pictured, key="park").picture
    assert editing.post(address.format(picture.pk)).status_code < 500
    assert Image.objects.filter(pk=picture.pk).exists()


@pytest.mark.parametrize(
    "address",
    ["/cms/images/chooser/", "/cms/images/chooser/chosen/{}/", "/cms/images/chooser/chosen-multiple/?id={}",
     "/cms/images/chooser/{}/select_format/", "/cms/bulk/wagtailimages/image/add_tags/?id={}"],
)  # fmt: skip
def test_the_library_offers_no_picture_of_a_poll_for_pages(editing: Client, pictured: Poll, address: str) -> None:
    """A draft's pictures tell of it, and a tally sheet is its witnesses' until the minutes are out."""
    picture = Choice.objects.get(poll=pictured, key="park").picture
    answer = editing.get(address.format(picture.pk))
    is_json = answer.headers["Content-Type"] == "application/json"
    said = json.dumps(answer.json(), ensure_ascii=False) if is_json else answer.content.decode()
    assert "公园" not in said
    assert picture.file.name.rpartition("/")[2].partition(".")[0] not in said


def test_a_picture_that_no_poll_holds_is_for_pages(pictured: Poll) -> None:
    file = SimpleUploadedFile("road.jpg", a_picture(), "image/jpeg")
    other = Image.objects.create(title="道路", file=file, uploaded_by_user=pictured.created_by)
    assert list(queries.for_pages(Image.objects.all())) == [other]
