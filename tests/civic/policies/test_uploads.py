"""Pictures and documents through the CMS's own forms."""

import io
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Drawing
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Page, ReferenceIndex

from civic.policies.models import InformationPage, PolicyPage
from tests.civic.core.test_uploads import HTML, SVG, a_picture
from tests.civic.policies.conftest import Desk
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of_author(desk: Desk, settings: Any, tmp_path: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path
    client = Client()
    client.force_login(desk.author, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def send(client: Client, kind: str, name: str, content: bytes, mime: str) -> Any:
    return client.post(f"/cms/{kind}/add/", {"title": "附件", "file": SimpleUploadedFile(name, content, mime)})


@pytest.mark.parametrize("several", [False, True])
def test_a_picture_loses_the_place_it_was_taken(client_of_author: Client, several: bool) -> None:
    if several:
        sent = {"title": "图", "files[]": SimpleUploadedFile("a.jpg", a_picture(), "image/jpeg")}
        client_of_author.post("/cms/images/multiple/add/", sent, headers={"x-requested-with": "XMLHttpRequest"})
    else:
        send(client_of_author, "images", "a.jpg", a_picture(), "image/jpeg")
    with Image.objects.get().file.open() as file:
        assert b"CAMERA-OF-LIN" not in file.read()


@pytest.mark.parametrize(
    ("name", "content"), [("a.svg", SVG), ("a.jpg", SVG), ("a.png", a_picture()), ("a.html", HTML)]
)
def test_no_drawing_with_a_script_becomes_a_picture(client_of_author: Client, name: str, content: bytes) -> None:
    answer = send(client_of_author, "images", name, content, "image/jpeg")
    assert (answer.status_code, Image.objects.count()) == (200, 0)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("fault", ["cut off", "a hundred and eighty million points"])
def test_a_picture_no_decoder_takes_is_refused_in_words(client_of_author: Client, fault: str, several: bool) -> None:
    if fault == "cut off":
        name, content = "a.jpg", a_picture()[:100]
    else:
        whole = io.BytesIO()
        Drawing.new("1", (20_000, 9_000)).save(whole, "PNG")
        name, content = "a.png", whole.getvalue()
    if several:
        sent = {"title": "图", "files[]": SimpleUploadedFile(name, content, "image/jpeg")}
        answer = client_of_author.post(
            "/cms/images/multiple/add/", sent, headers={"x-requested-with": "XMLHttpRequest"}
        )
    else:
        answer = send(client_of_author, "images", name, content, "image/jpeg")
    said = answer.json()["error_message"] if several else answer.content.decode()
    assert "这不是我们能读的图片" in said
    assert not Image.objects.exists()


@pytest.mark.parametrize(("name", "content"), [("a.svg", SVG), ("a.html", HTML), ("a.pdf", HTML), ("a.txt", SVG)])
def test_no_page_becomes_a_document(client_of_author: Client, name: str, content: bytes) -> None:
    answer = send(client_of_author, "documents", name, content, "application/pdf")
    assert (answer.status_code, Document.objects.count()) == (200, 0)


def a_document(author: Client) -> Document:
    send(author, "documents", "a.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf")
    return Document.objects.get()


def attach(document: Document, page: Page) -> None:
    """Let a page lead to a document, as Wagtail notes it when a page is saved."""
    ReferenceIndex.objects.create(
        base_content_type=ContentType.objects.get_for_model(Page), to_object_id=str(document.pk), object_id=str(page.pk),
        content_type=ContentType.objects.get_for_model(type(page)), model_path="summary", content_path="summary",
        to_content_type=ContentType.objects.get_for_model(Document), content_path_hash=uuid4(),
    )  # fmt: skip


def test_nobody_reads_by_guessing_what_no_page_leads_to(client_of_author: Client, desk: Desk) -> None:
    document = a_document(client_of_author)
    draft = PolicyPage.objects.get(pk=desk.policy.pk)
    PolicyPage.objects.filter(pk=draft.pk).update(live=False)
    attach(document, draft)

    assert Client().get(document.url).status_code == 404
    resident = Client()
    resident.force_login(a_person())
    assert resident.get(document.url).status_code == 404
    mine = client_of_author.get(document.url)
    assert mine.status_code == 200
    mine.close()


@pytest.mark.parametrize("where", ["information", "policy"])
def test_a_page_that_tells_its_address_leads_to_a_document(client_of_author: Client, desk: Desk, where: str) -> None:
    document = a_document(client_of_author)
    words = f"表格在 https://example.org{document.url} ，请下载。"
    page: Page
    if where == "policy":
        page = desk.policy
        page.clauses = [("clause", {"number": "第一条", "text": words})]
        page.save()
    else:
        page = InformationPage(title="表格", title_en="Forms", body=words, live=True)
        desk.library.get_parent().add_child(instance=page)

    assert b"".join(Client().get(document.url)) == b"%PDF-1.7\n%%EOF\n"
    Page.objects.filter(pk=page.pk).update(live=False)
    assert Client().get(document.url).status_code == 404


def test_a_document_is_handed_out_inert(client_of_author: Client, desk: Desk) -> None:
    document = a_document(client_of_author)
    attach(document, desk.policy)
    answer = Client().get(document.url)
    assert b"".join(answer) == b"%PDF-1.7\n%%EOF\n"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    answer.close()


def edit(client: Client, address: str, name: str, content: bytes) -> Any:
    """Send another file, and other words, to an address of the CMS that edits."""
    return client.post(address, {"title": "别的", "description": "别的", "file": SimpleUploadedFile(name, content)})


def test_nobody_swaps_a_file_for_another_after_it_was_approved(client_of_author: Client, desk: Desk) -> None:
    document = a_document(client_of_author)
    attach(document, desk.policy)
    edit(client_of_author, f"/cms/documents/edit/{document.pk}/", "b.pdf", b"%PDF-1.7\n%ANOTHER\n%%EOF\n")
    assert b"".join(Client().get(Document.objects.get().url)) == b"%PDF-1.7\n%%EOF\n"
    assert Document.objects.get().title == "附件"


@pytest.mark.parametrize(
    "address",
    [
        "/cms/documents/delete/{}/", "/cms/documents/multiple/{}/delete/",
        "/cms/bulk/wagtaildocs/document/delete/?id={}",
    ],
)  # fmt: skip
def test_nobody_takes_away_what_a_published_page_leads_to(client_of_author: Client, desk: Desk, address: str) -> None:
    document = a_document(client_of_author)
    attach(document, desk.policy)
    client_of_author.post(address.format(document.pk), headers={"x-requested-with": "XMLHttpRequest"})
    assert Document.objects.count() == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Wagtail leaves its temporary file open
def test_a_file_is_never_another_under_the_same_name(client_of_author: Client, desk: Desk) -> None:
    """Whoever approves a page reads what it leads to: it must still be that when the page is out."""
    document = a_document(client_of_author)
    another = b"%PDF-1.7\n%ANOTHER\n%%EOF\n"
    assert edit(client_of_author, f"/cms/documents/edit/{document.pk}/", "b.pdf", another).status_code == 200
    send(client_of_author, "images", "a.jpg", a_picture(), "image/jpeg")
    picture = Image.objects.get()
    assert edit(client_of_author, f"/cms/images/{picture.pk}/", "b.jpg", a_picture(size=(9, 9))).status_code == 200
    assert (Image.objects.get().width, Image.objects.get().file.name) == (picture.width, picture.file.name)
    assert b"".join(client_of_author.get(Document.objects.get().url)) == b"%PDF-1.7\n%%EOF\n"


def test_an_editor_names_anew_and_takes_away_what_nothing_leads_to(client_of_author: Client, desk: Desk) -> None:
    document = a_document(client_of_author)
    client_of_author.post(f"/cms/documents/edit/{document.pk}/", {"title": "表格"})
    assert Document.objects.get().title == "表格"
    client_of_author.post(f"/cms/documents/delete/{document.pk}/")
    assert Document.objects.count() == 0
