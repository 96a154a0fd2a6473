"""Parts of templates that decide about their body: whether it is shown, and whether it is drawn anew."""

from datetime import datetime
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language

from civic.core import clock
from civic.core.pages import drawing, until
from civic.ui import fragments


def at_of(context: template.Context) -> datetime:
    """Return the instant a page is drawn at: its request's."""
    return getattr(context.get("request"), "at", None) or clock.now()


def is_spoken(context: template.Context) -> bool:
    """Tell whether times are written as people say them: in elder mode."""
    return bool(getattr(context.get("request"), "elder", False))


class CaptureNode(template.Node):
    """Keeps what its body draws in a variable, empty when that is only white space."""

    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist = nodelist
        self.name = name

    def render(self, context: template.Context) -> str:
        drawn = self.nodelist.render(context)
        context[self.name] = drawn if drawn.strip() else ""
        return ""


class KeptNode(template.Node):
    """Draws its body once for everybody; see ``civic.ui.fragments``."""

    child_nodelists = ("nodelist",)

    def __init__(
        self, nodelist: NodeList, line: int, key: FilterExpression, more: list[FilterExpression], own: str
    ) -> None:
        self.nodelist = nodelist
        self.line = line
        self.key = key
        self.more = more
        self.own = own

    def render(self, context: template.Context) -> str:
        told = self.key.resolve(context, ignore_failures=True)
        if told is None:
            return self.nodelist.render(context)
        here = (self.origin.name, self.line, self.key.token)  # equal keys elsewhere in the templates are other parts
        at = at_of(context)
        more = tuple(str(each.resolve(context)) for each in self.more)
        texts = dict(fragments.texts_of(context[self.own], self.own)) if self.own else {}
        key = (here, get_language(), is_spoken(context), localtime(at).year, told, more, *texts)
        part = fragments.kept.get(key)
        if part is None or not part.stands(at):
            part = self._draw(context, key, at)
        elif part.until is not None:
            until(part.until)
        if fragments.TOKEN in part.blanks:
            texts[fragments.TOKEN] = str(context.get(fragments.TOKEN, ""))
        return SafeString(part.filled(texts))

    def _draw(self, context: template.Context, key: Any, at: datetime) -> fragments.Kept:
        blanks = {fragments.TOKEN: fragments.blank(fragments.TOKEN)}
        if self.own:
            blanks[self.own] = fragments.with_blanks(context[self.own], self.own)
        with drawing() as drawn, context.push(**blanks):
            text = self.nodelist.render(context)
        if drawn.until is not None:
            until(drawn.until)
        part = fragments.Kept(fragments.pieces_of(text), at, drawn.until)
        if part.size <= fragments.LARGEST:
            fragments.kept.put(key, part)
        return part
