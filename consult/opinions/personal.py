"""What a person thinks of statements."""

from django.utils.translation import gettext_lazy as _

from civic.people.personal import Fact, Record, Section, declare
from consult.opinions.models import Opinion


def _tell(opinion: Opinion) -> Record:
    return Record(
        (
            Fact("statement", _("statement"), str(opinion.statement)),
            Fact("value", _("your opinion"), opinion.get_value_display()),
            Fact("at", _("when"), opinion.at),
            Fact("channel", _("channel"), opinion.get_channel_display()),
        ),
        url=opinion.statement.get_absolute_url(),
    )


declare(
    Section(
        "opinions", _("Your opinion on statements"),
        _("Whether you agree, disagree or pass; everybody sees how many did."),
        rows=lambda person: (
            Opinion.objects.filter(person=person).select_related("statement__consultation").order_by("-at", "-pk")
        ),
        tell=_tell,
        stays=_("Your opinions as numbers, without saying whose."),
        keeps={
            "consult_opinions.Opinion.person": "one row per person and statement; leads to a nameless row",
            "consult_opinions.Opinion.keyed_by": "typed in for somebody else, whose opinion it is",
            "consult_opinions.ImportedParticipant.person": (
                "a number of the imported file, without which reading the file again would bring the person back"
            ),
        },
    )
)  # fmt: skip
