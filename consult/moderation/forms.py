"""What people type: reports, appeals, and moderators' decisions."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consult.discussion.forms import PlainField
from consult.moderation.house import RULES
from consult.moderation.models import MAX_APPEAL, MAX_SENTENCE
from consult.moderation.states import BULK_ACTS, Act

LABELS = {
    Act.LEAVE: _("Leave as it is: no rule is broken"),
    Act.RELEASE: _("Show"),
    Act.HOLD: _("Hold while looking closer"),
    Act.HIDE: _("Hide"),
    Act.RESTORE: _("Show again"),
}


def rule_choices() -> list[tuple[str, str]]:
    """Return the house rules in the reader's language."""
    english = (get_language() or "").startswith("en")
    return [(rule.code, rule.name_en if english else rule.name) for rule in RULES]


def area(rows: int) -> forms.Textarea:
    """Return a text box of so many lines."""
    return forms.Textarea(attrs={"rows": rows})


class ReportForm(forms.Form):
    """A rule and a sentence."""

    rule = forms.ChoiceField(
        label=_("Which house rule do these words break?"),
        choices=rule_choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the house rule that is broken.")},
    )
    sentence = PlainField(
        label=_("In a sentence: where, and how?"),
        help_text=_("Moderators read this. The author never learns who reported."),
        limit=MAX_SENTENCE,
        widget=area(2),
        error_messages={"required": _("Say in a sentence what breaks the rule.")},
    )


class AppealForm(forms.Form):
    """Why a decision is wrong."""

    text = PlainField(
        label=_("Why is the decision wrong?"),
        help_text=_("Another moderator reads this beside your words. You can appeal once against this decision."),
        limit=MAX_APPEAL,
        widget=area(5),
    )


class JudgeForm(forms.Form):
    """One act on one case."""

    act = forms.ChoiceField(
        label=_("What do you do?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you do.")},
    )
    rule = forms.ChoiceField(label=_("House rule"), required=False)
    sentence = PlainField(
        label=_("Reason, in a sentence"),
        help_text=_("Needed to hold, hide or show again. The author reads it; your name is not shown to them."),
        limit=MAX_SENTENCE,
        required=False,
        widget=area(3),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, acts: list[Act], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["act"].choices = [(act, LABELS[act]) for act in acts]  # type: ignore[attr-defined]
        self.fields["rule"].choices = [("", _("None")), *rule_choices()]  # type: ignore[attr-defined]


class BulkForm(forms.Form):
    """One act on what is ticked."""

    act = forms.ChoiceField(
        label=_("Do this with everything ticked"),
        choices=[(act, LABELS[act]) for act in BULK_ACTS],
        error_messages={"required": _("Choose what you do.")},
    )
    rule = forms.ChoiceField(label=_("House rule"), required=False)
    sentence = PlainField(
        label=_("Reason, in a sentence"),
        help_text=_("Needed to hold or hide. Each author reads it."),
        limit=MAX_SENTENCE,
        required=False,
        widget=area(2),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [("", _("None")), *rule_choices()]  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    """A second moderator's decision on an appeal."""

    result = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("restore", _("Show the words again")), ("confirm", _("The decision stands"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the appeal ends.")},
    )
    sentence = PlainField(
        label=_("Reason, in a sentence"),
        help_text=_("The author reads it."),
        limit=MAX_SENTENCE,
        widget=area(3),
        error_messages={"required": _("Say in a sentence why: the author reads it.")},
    )


class SlowForm(forms.Form):
    """Why slow mode is switched on, and for how long."""

    HOURS = ((8, _("8 hours")), (24, _("1 day")), (72, _("3 days")), (168, _("7 days")))

    hours = forms.TypedChoiceField(label=_("For how long"), choices=HOURS, coerce=int, initial=8)
    reason = PlainField(
        label=_("Reason"),
        help_text=_("Public: it stands at the top of the consultation."),
        limit=MAX_SENTENCE,
        widget=area(2),
        error_messages={"required": _("Write down the reason: it will be public.")},
    )
