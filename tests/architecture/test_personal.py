"""No model may hold something about a person that nobody shows them or forgets."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from civic.people import personal
from civic.people.models import Person

# Named like something personal, and why it needs no section of its own.
OTHERWISE = {
    "account.EmailConfirmation.key": "goes with its address",
    "civic_notify.Letter.address": "a letter belongs to an address: found by it, and emptied once sent",
    "consult_voting.BoxBallot.token_hash": "of a receipt, which only the voter holds",
    "consult_voting.PaperSlip.token_hash": "of a receipt, which only the voter holds",
    "consult_discussion.Draft.token": "names a browser; claimed at sign-in or thrown away after a month",
    "civic_notify.WebhookEndpoint.previous_secret": "of a machine of an office",
    "civic_notify.WebhookEndpoint.secret": "of a machine of an office",
    "orgs_bodies.Organisation.phone": "the public telephone of a body",
    "sessions.Session.session_key": "found by what the session says, and thrown away with the account",
    "sessions.Session.session_data": "found by what it says, and thrown away with the account",
    "vote.Vote.user_id": "the library's own table, in which nothing is written",
    "wagtailcore.CollectionViewRestriction.password": "of a folder, shared by whoever is told it",
    "wagtailcore.PageViewRestriction.password": "of a page, shared by whoever is told it",
    "wagtailembeds.Embed.author_name": "of a public film",
    "mfa.Authenticator.data": "goes with its account",
}
PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|mobile|telephone|address|ip|user_agent|birth\w*|real_name|full_name|author_name|id_number|"
    r"device|token|session\w*|user_id|person_id|recipient|password|secret)($|_)"
)


def test_every_way_to_a_person_is_declared() -> None:
    missing = [name for name in _to_person() if name not in _declared()]
    assert not missing, f"Say in personal.py who shows and who forgets these: {missing}"


def test_what_hangs_on_personal_rows_is_declared() -> None:
    """A text beside somebody's words, notices or addresses is theirs as well."""
    reached = {name.rsplit(".", 1)[0] for name in _reached()}
    named = {name.rsplit(".", 1)[0] for name in _declared()}
    missing = [
        model._meta.label
        for model in apps.get_models()
        if model._meta.label not in named
        and any(field.related_model and field.related_model._meta.label in reached for field in _relations(model))
        and any(_is_free_text(field) for field in model._meta.local_concrete_fields)
    ]
    assert not missing, f"Say in personal.py who shows and who forgets these: {missing}"


def test_fields_named_like_something_personal_are_accounted_for() -> None:
    accounted = {name.rsplit(".", 1)[0] for name in _reached()} | {Person._meta.label}
    unknown = [
        name
        for model in apps.get_models()
        if model._meta.label not in accounted
        for field in model._meta.local_concrete_fields
        if PERSONAL.search(field.name) and (name := f"{model._meta.label}.{field.name}") not in OTHERWISE
    ]
    assert not unknown, f"Declare these in a section of personal.py, or say in OTHERWISE why not: {unknown}"


@pytest.mark.parametrize("section", personal.sections(), ids=lambda section: section.name)
def test_a_section_names_real_ways_to_a_person(section: personal.Section) -> None:
    for name in (*section.reaches, *section.keeps):
        label, path = name.rsplit(".", 1)
        model: type[models.Model] | None = apps.get_model(label)
        for step in path.split("__"):
            assert model is not None, name
            model = model._meta.get_field(step).related_model  # type: ignore[assignment]
        assert model is Person, name
    assert all(section.keeps.values())
    assert str(section.title)
    assert str(section.about)


def _declared() -> set[str]:
    return _reached() | {name for section in personal.sections() for name in section.keeps}


def _reached() -> set[str]:
    return {name for section in personal.sections() for name in section.reaches}


def _to_person() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        for field in _relations(model):
            if field.related_model is Person:
                yield f"{model._meta.label}.{field.name}"


def _relations(model: type[models.Model]) -> list[models.ForeignKey]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def _is_free_text(field: models.Field) -> bool:
    kinds = (models.CharField, models.TextField, models.JSONField, models.FileField, models.BinaryField)
    return isinstance(field, kinds) and not field.choices
