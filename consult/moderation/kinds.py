"""What authors, reporters and moderators are told."""

from django.utils.translation import gettext_lazy as _

from civic.notify import kinds

HIDDEN = kinds.declare(
    "consult:moderation:hidden",
    title=_("Your words are hidden: “%(quote)s”"),
    label=_("Your words are hidden"),
    body=_(
        "House rule: %(rule)s\nThe moderator’s reason: %(sentence)s\n\n"
        "You can appeal until %(until)s; another moderator decides."
    ),
    group=kinds.ANSWERS,
)
HELD = kinds.declare(
    "consult:moderation:held",
    title=_("A moderator takes a closer look at your words: “%(quote)s”"),
    label=_("A moderator takes a closer look at your words"),
    body=_(
        "House rule: %(rule)s\nThe moderator’s reason: %(sentence)s\n\n"
        "Until the decision nobody else sees them. We tell you how it ends; against a decision to hide them "
        "you can appeal."
    ),
    group=kinds.ANSWERS,
)
SHOWN = kinds.declare(
    "consult:moderation:shown",
    title=_("Your words are shown: “%(quote)s”"),
    label=_("Your words are shown"),
    body="%(sentence)s",
    group=kinds.ANSWERS,
)
APPEAL_ENDED = kinds.declare(
    "consult:moderation:appeal-ended",
    title=_("Your appeal is decided: %(result)s"),
    label=_("Your appeal is decided"),
    body=_("Your words: “%(quote)s”\nThe second moderator’s reason: %(sentence)s"),
    group=kinds.ANSWERS,
)
REPORT_ENDED = kinds.declare(
    "consult:moderation:report-ended",
    title=_("What became of your report on “%(title)s”"),
    label=_("What became of your report"),
    body="%(result)s",
    group=kinds.ANSWERS,
)
SEVERE = kinds.declare(
    "consult:moderation:severe",
    title=_("Reported, and of the gravest kind: %(rule)s"),
    body=_("In “%(title)s”. Please look at it soon."),
    group=kinds.WORK,
)
APPEAL_WAITS = kinds.declare(
    "consult:moderation:appeal-waits",
    title=_("An appeal waits for a second moderator"),
    body=_("In “%(title)s”. Whoever made the decision cannot decide it."),
    group=kinds.WORK,
)
