"""What a person says, backs and has begun to write."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_lazy as _

from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare
from consult.discussion.forgetting import forget_drafts, forget_words, hold_words
from consult.discussion.models import Contribution, Draft, Support, Version


def _tell_words(said: Contribution) -> Record:
    return Record(
        (
            Fact("kind", _("kind"), said.get_kind_display()),
            Fact("consultation", _("consultation"), str(said.consultation)),
            Fact("clause", _("clause"), said.clause_number),
            Fact("title", _("title"), said.title),
            Fact("text", _("text"), said.text),
            Fact("created_at", _("when"), said.created_at),
            Fact("edited_at", _("edited"), said.edited_at),
            Fact("state", _("state"), said.get_state_display()),
            Fact("outcome", _("outcome"), said.get_outcome_display()),
            Fact("supports", _("supports"), said.num_vote_up),
            Fact("channel", _("channel"), said.get_channel_display()),
            Fact("keyed_for", _("entered by"), str(said.keyed_for) if said.keyed_for else ""),
        ),
        url=said.get_absolute_url(),
    )


def _tell_version(version: Version) -> Record:
    return Record(
        (
            Fact("number", _("version"), version.number),
            Fact("title", _("title"), version.title),
            Fact("text", _("text"), version.text),
            Fact("at", _("when"), version.at),
        ),
        url=version.contribution.get_absolute_url(),
    )


def _supports(person: Person) -> Any:
    mine = Support.objects.filter(user=person, content_type=ContentType.objects.get_for_model(Contribution))
    return mine.select_related("keyed_for").order_by("-create_at", "-pk")


def _tell_support(support: Support) -> Record:
    return Record(
        (
            Fact("contribution", _("number of the contribution"), support.object_id),
            Fact("create_at", _("when"), support.create_at),
            Fact("channel", _("channel"), support.get_channel_display()),
            Fact("keyed_for", _("entered by"), str(support.keyed_for) if support.keyed_for else ""),
        )
    )


def _tell_draft(draft: Draft) -> Record:
    return Record(
        (
            Fact("consultation", _("consultation"), str(draft.consultation)),
            Fact("title", _("title"), draft.title),
            Fact("text", _("text"), draft.text),
            Fact("saved_at", _("when"), draft.saved_at),
        )
    )


declare(
    Section(
        "words", _("What you said"),
        _("Your opinions, proposals and responses, with what became of them. Everybody can read them under your name here."),
        rows=lambda person: (
            Contribution.objects.filter(author=person)
            .select_related("consultation", "keyed_for")
            .order_by("-created_at", "-pk")
        ),
        tell=_tell_words, erase=forget_words, hold=hold_words,
        goes=_("Everything you said, on every page, in search and in results, with its earlier versions."),
        stays=_(
            "Where your words stood it says that they were deleted with their author’s account. What others said below, "
            "and what an office answered, stays; offices and others may have quoted you in words of their own."
        ),
        reaches=("consult_discussion.Contribution.author",),
        keeps={
            "consult_discussion.Contribution.keyed_by": "typed in for somebody else, whose words they are",
            "consult_discussion.Support.keyed_by": "typed in for somebody else, whose support it is",
        },
    )
)  # fmt: skip

declare(
    Section(
        "versions", _("What you said before you changed it"),
        _("Earlier versions of your words."),
        rows=lambda person: (
            Version.objects.filter(contribution__author=person)
            .select_related("contribution__consultation")
            .order_by("-at", "-pk")
        ),
        tell=_tell_version, reaches=("consult_discussion.Version.contribution__author",),
    )
)  # fmt: skip

declare(
    Section(
        "supports", _("What you support"),
        _("Your supports; everybody sees how many there are, nobody is shown whose."),
        rows=_supports, tell=_tell_support,
        stays=_("Your supports as a number, without saying whose: what was counted stays counted."),
        keeps={"consult_discussion.Support.user": "one row per person and object; leads to a nameless row"},
    )
)  # fmt: skip

declare(
    Section(
        "drafts", _("Not sent yet"),
        _("What you have begun to write; nobody else sees it."),
        rows=lambda person: Draft.objects.filter(person=person).select_related("consultation").order_by("-saved_at", "-pk"),
        tell=_tell_draft, erase=forget_drafts,
        goes=_("What you have begun to write."), reaches=("consult_discussion.Draft.person",),
    )
)  # fmt: skip
