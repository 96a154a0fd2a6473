"""What a policy's text is made of.

Texts are plain: the law's own words need no formatting, and plain words can be
compared, read aloud and put into a clause comment.  A block's ``id`` is the
clause's identity; it stays when the text changes or the clause moves.
"""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks


class ClauseBlock(blocks.StructBlock):
    """One numbered clause, Chinese and English side by side."""

    number = blocks.CharBlock(label=_("number"), max_length=40, help_text=_("As printed, for example 第三条."))
    heading = blocks.CharBlock(label=_("heading"), max_length=80, required=False)
    heading_en = blocks.CharBlock(label=_("heading in English"), max_length=120, required=False)
    text = blocks.TextBlock(
        label=_("text"), rows=4, help_text=_("The official words. An empty line begins a new paragraph.")
    )
    text_en = blocks.TextBlock(label=_("text in English"), rows=4, required=False)
    note = blocks.TextBlock(
        label=_("explanation"), rows=2, required=False, help_text=_("Shown below the clause; not part of the rule.")
    )
    note_en = blocks.TextBlock(label=_("explanation in English"), rows=2, required=False)

    class Meta:
        icon = "list-ol"
        label = _("clause")
        label_format = "{number} {heading}"


class ChapterBlock(blocks.StructBlock):
    """The title of a chapter; the clauses below it belong to it."""

    number = blocks.CharBlock(label=_("number"), max_length=40, required=False, help_text=_("For example 第一章."))
    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    heading_en = blocks.CharBlock(label=_("heading in English"), max_length=120, required=False)

    class Meta:
        icon = "title"
        label = _("chapter")
        label_format = "{number} {heading}"


class TextBlock(blocks.StreamBlock):
    """A policy's text: clauses, with chapter titles between them where there are any."""

    clause = ClauseBlock()
    chapter = ChapterBlock()

    class Meta:
        label = _("text")
