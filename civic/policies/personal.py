"""What the CMS holds about those who edit: their work stays the office's, their settings and picture go."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.admin.models import EditingSession, FormState
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Comment, CommentReply, Page, PageLogEntry, PageSubscription, UploadedFile
from wagtail.users.models import UserProfile

from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare


def _tell_log(entry: PageLogEntry) -> Record:
    return Record(
        (
            Fact("timestamp", _("when"), entry.timestamp),
            Fact("action", _("what"), entry.action),
            Fact("label", _("page"), entry.label),
        )
    )


def _settings(person: Person) -> Any:
    return UserProfile.objects.filter(user=person).order_by("pk")


def _tell_settings(profile: UserProfile) -> Record:
    return Record(
        (
            Fact("avatar", _("picture of you"), profile.avatar.name if profile.avatar else ""),
            Fact("preferred_language", _("language of the CMS"), profile.preferred_language),
            Fact("theme", _("look of the CMS"), profile.get_theme_display()),
        )
    )


def _forget_settings(person: Person, at: datetime) -> None:
    for profile in _settings(person):
        if profile.avatar:
            _delete_after_commit(profile.avatar)
    UserProfile.objects.filter(user=person).delete()
    EditingSession.objects.filter(user=person).delete()
    FormState.objects.filter(user=person).delete()
    PageSubscription.objects.filter(user=person).delete()
    CommentReply.objects.filter(user=person).delete()
    Comment.objects.filter(user=person).delete()
    for upload in UploadedFile.objects.filter(uploaded_by_user=person):
        _delete_after_commit(upload.file)
    UploadedFile.objects.filter(uploaded_by_user=person).delete()
    # Nobody could open a page again that somebody nameless had locked.
    Page.objects.filter(locked_by=person).update(locked=False, locked_by=None, locked_at=None)


def _delete_after_commit(file: Any) -> None:
    storage, name = file.storage, file.name
    transaction.on_commit(lambda: storage.delete(name))


def _pictures(person: Person) -> Iterator[tuple[str, BinaryIO]]:
    for name, file in _kept(person):
        try:
            source = file.open("rb")
        except FileNotFoundError:  # lost, or thrown away while this is written: the rest is theirs all the same
            continue
        yield name, source


def _kept(person: Person) -> Iterator[tuple[str, Any]]:
    for profile in _settings(person):
        if profile.avatar:
            yield profile.avatar.name, profile.avatar
    for image in Image.objects.filter(uploaded_by_user=person).order_by("pk").iterator(chunk_size=100):
        yield f"images/{image.pk}-{image.filename}", image.file
    for document in Document.objects.filter(uploaded_by_user=person).order_by("pk").iterator(chunk_size=100):
        yield f"documents/{document.pk}-{document.filename}", document.file


declare(
    Section(
        "editing", _("Your work in the CMS"),
        _("Which pages you edited, submitted or published, for those who write policies."),
        rows=lambda person: PageLogEntry.objects.filter(user=person).order_by("-timestamp", "-pk"), tell=_tell_log,
        stays=_("Pages, pictures and documents you made for an office: they are the office’s, and lose your name."),
        files=_pictures,
        keeps={
            **dict.fromkeys(
                (
                    "civic_policies.HomePage.owner", "civic_policies.PolicyIndexPage.owner",
                    "civic_policies.InformationPage.owner", "civic_policies.PolicyPage.owner", "wagtailcore.Page.owner",
                ),
                "an official text is the office's, whoever typed it",
            ),
            **dict.fromkeys(
                (
                    "civic_policies.HomePage.locked_by", "civic_policies.PolicyIndexPage.locked_by",
                    "civic_policies.InformationPage.locked_by", "civic_policies.PolicyPage.locked_by",
                    "wagtailcore.Page.locked_by",
                ),
                "pages the person had locked are unlocked in `settings-cms`",
            ),
            **dict.fromkeys(
                (
                    "wagtailcore.Revision.user", "wagtailcore.PageLogEntry.user", "wagtailcore.ModelLogEntry.user",
                    "wagtailcore.WorkflowState.requested_by", "wagtailcore.TaskState.finished_by",
                    "wagtailcore.Comment.resolved_by",
                ),
                "that two different people wrote and approved a text must stay provable",
            ),
            **dict.fromkeys(
                ("wagtailimages.Image.uploaded_by_user", "wagtaildocs.Document.uploaded_by_user"),
                "published with the office's pages",
            ),
        },
    )
)  # fmt: skip


declare(
    Section(
        "settings-cms", _("Your settings in the CMS"),
        _("For those who write policies: the picture of you, and how the CMS looks."),
        rows=_settings, tell=_tell_settings, erase=_forget_settings,
        goes=_("Your settings and your picture in the CMS."),
        reaches=(
            "wagtailusers.UserProfile.user", "wagtailadmin.EditingSession.user", "wagtailadmin.FormState.user",
            "wagtailcore.PageSubscription.user", "wagtailcore.Comment.user", "wagtailcore.CommentReply.user",
            "wagtailcore.UploadedFile.uploaded_by_user",
        ),
    )
)  # fmt: skip
