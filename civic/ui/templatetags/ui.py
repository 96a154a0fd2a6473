"""Components of the design system, as template tags.

Every tag escapes what it is given and starts no query.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.forms.widgets import ChoiceWidget, Textarea
from django.template.base import Parser, Token
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst, normalize_newlines
from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from civic.core.languages import lacking_english, localised
from civic.core.pages import until
from civic.ui import dates, forms
from civic.ui.components import Bar, Step, Tab
from civic.ui.nodes import CaptureNode, KeptNode, at_of, is_spoken

register = template.Library()

STATUS_WORDS = {
    "open": pgettext_lazy("status", "Open"),
    "review": pgettext_lazy("status", "Under review"),
    "answered": pgettext_lazy("status", "Answered"),
    "doing": pgettext_lazy("status", "In progress"),
    "done": pgettext_lazy("status", "Done"),
    "late": pgettext_lazy("status", "Overdue"),
    "ended": pgettext_lazy("status", "Ended"),
}
BUTTON_KINDS = {"main": "btn main", "plain": "btn", "quiet": "btn quiet", "stop": "btn stop"}
SOON = timedelta(days=2)


@register.simple_tag
def icon(name: str, css: str = "i") -> SafeString:
    """Draw an icon of the sprite; it is decoration, the word stands beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, static("ui/icons.svg"), name
    )


@register.simple_tag
def status(name: str, text: Any = "") -> SafeString:
    """Show a status: its shape, its word (or a nearer one) and its colour."""
    if name not in STATUS_WORDS:
        raise template.TemplateSyntaxError(f"There is no status {name!r}; statuses are {', '.join(STATUS_WORDS)}.")
    word = capfirst(str(text or STATUS_WORDS[name]))
    return format_html('<span class="st st-{}">{}{}</span>', name, icon(f"s-{name}", ""), word)


@register.filter
def figure(value: Any) -> Any:
    """Set the thousands of a whole number apart; anything else stays as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value


@register.simple_tag(takes_context=True)
def when(context: template.Context, value: datetime | None) -> SafeString:
    """Show an instant in local time: 11月29日 18:00, with the year when it is another one."""
    if value is None:
        return SafeString()
    text = dates.when_text(value, at_of(context), spoken=is_spoken(context))
    return format_html('<time datetime="{}">{}</time>', localtime(value).isoformat(timespec="minutes"), text)


@register.simple_tag(takes_context=True)
def day(context: template.Context, value: date | datetime | None) -> SafeString:
    """Show a day: 11月29日, with the year when it is another one."""
    if value is None:
        return SafeString()
    iso = localtime(value).date().isoformat() if isinstance(value, datetime) else value.isoformat()
    return format_html('<time datetime="{}">{}</time>', iso, dates.day_text(value, at_of(context)))


@register.simple_tag(takes_context=True)
def days_left(context: template.Context, closes_at: datetime | None, at: datetime | None = None) -> SafeString:
    """Show how long something stays open and until when; two days before the end in the late colour."""
    if closes_at is None:
        return SafeString()
    at = at or at_of(context)
    closing = when(context, closes_at)
    if at >= closes_at:
        return format_html('<span class="days">{}</span>', _closed(closing))
    left = closes_at - at
    number, unit = dates.left_text(left)
    until(dates.left_changes(closes_at, at))
    sentence = _("<b>%(number)s</b> %(unit)s left, closes %(when)s")
    return format_html(
        '<span class="days{}">{}</span>',
        " soon" if left <= SOON else "",
        _filled(sentence, number=number, unit=unit, when=closing),
    )


def _closed(closing: SafeString) -> SafeString:
    return _filled(_("Closed %(when)s"), when=closing)


def _filled(sentence: str, **values: Any) -> SafeString:
    # The sentence is ours (a translation that may hold <b>); every value is escaped.
    return mark_safe(sentence % {name: conditional_escape(value) for name, value in values.items()})  # noqa: S308


@register.simple_tag
def left_box(closes_at: datetime, at: datetime) -> SafeString:
    """Show the days left as the small box at the right of a list entry."""
    left = closes_at - at
    if left <= timedelta():
        return format_html('<span class="left"><b>{}</b>{}</span>', "0", _("closed"))
    number, unit = dates.left_text(left)
    until(dates.left_changes(closes_at, at))
    return format_html(
        '<span class="left{}"><span class="vh">{} </span><b>{}</b>{}</span>',
        " soon" if left <= SOON else "",
        _("Time left:"),
        number,
        unit,
    )


@register.simple_tag(takes_context=True)
def button(
    context: template.Context, label: Any, href: str = "", kind: str = "plain", why: Any = "", icon: str = ""
) -> SafeString:
    """Draw a link that looks like a button; with ``why`` it is off and says so."""
    css = BUTTON_KINDS[kind]
    drawing = _icon_or_nothing(icon)
    if why:
        number = _next_id(context)
        return format_html(
            '<span class="refused"><a class="{}" role="link" aria-disabled="true" tabindex="0"'
            ' aria-describedby="{}">{}{}</a><span class="why" id="{}">{}</span></span>',
            css,
            number,
            drawing,
            label,
            number,
            why,
        )
    return format_html('<a class="{}" href="{}">{}{}</a>', css, href, drawing, label)


@register.simple_tag(takes_context=True)
def submit(
    context: template.Context,
    label: Any,
    kind: str = "main",
    name: str = "",
    value: Any = "",
    why: Any = "",
    icon: str = "",
) -> SafeString:
    """Draw a form's button; with ``why`` it is off, sends nothing, and says so."""
    css = BUTTON_KINDS[kind]
    drawing = _icon_or_nothing(icon)
    if why:
        number = _next_id(context)
        return format_html(
            '<span class="refused"><button type="button" class="{}" aria-disabled="true" aria-describedby="{}">'
            '{}{}</button><span class="why" id="{}">{}</span></span>',
            css,
            number,
            drawing,
            label,
            number,
            why,
        )
    attributes = format_html(' name="{}" value="{}"', name, value) if name else SafeString()
    return format_html('<button class="{}"{}>{}{}</button>', css, attributes, drawing, label)


def _icon_or_nothing(name: str) -> SafeString:
    return icon(name) if name else SafeString()


def _next_id(context: template.Context) -> str:
    """Return an id no other part of this page has; parts fetched later carry their target's name."""
    request = context.get("request")
    number = getattr(request, "reasons_shown", 0) + 1
    if request is not None:
        request.reasons_shown = number
    htmx = getattr(request, "htmx", None)
    return f"why-{htmx.target or 'part'}-{number}" if htmx else f"why-{number}"


@register.inclusion_tag("components/timeline.html")
def timeline(steps: Iterable[Step], label: str = "") -> dict[str, Any]:
    """Draw the thread: what was done, is now, and is promised."""
    return {"steps": list(steps), "label": label}


@register.inclusion_tag("components/steps.html")
def steps(steps: Iterable[Step]) -> dict[str, Any]:
    """Draw the thread laid flat (phones)."""
    steps = list(steps)
    here = next((number for number, step in enumerate(steps, 1) if step.state == "now"), 0)
    return {"steps": steps, "here": here}


@register.inclusion_tag("components/bars.html")
def bars(rows: Iterable[Bar], base: Any = "", small: bool = False) -> dict[str, Any]:
    """Draw a chart that is its own table; ``base`` says of how many (the caption)."""
    rows = list(rows)
    drawn = [
        {
            "row": row,
            "width": f"{min(max(row.share, 0), 1) * 100:.1f}",
            "count": f"{row.count:,}",
            "share": f"{row.share * 100:.1f}%",
        }
        for row in rows
    ]
    notes = any(row.note for row in rows)
    return {"rows": drawn, "base": base, "small": small, "notes": notes}


@register.simple_tag
def meter(percent: float, label: Any) -> SafeString:
    """Draw how far something has come, 0 to 100; ``label`` says it in words."""
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="bg" width="100" height="10"/><rect class="c1" width="{}" height="10"/></svg>',
        label,
        f"{min(max(percent, 0), 100):.1f}",
    )


@register.inclusion_tag("components/pages.html", takes_context=True)
def pages(context: template.Context, page_obj: "Page[Any]") -> dict[str, Any]:
    """Draw 上一页 · 第 n 页，共 m 页 · 下一页; the rest of the query string is kept."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None

    def to(number: int) -> str:
        if query is None:
            return f"?page={number}"
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page_obj": page_obj,
        "previous": to(page_obj.previous_page_number()) if page_obj.has_previous() else "",
        "next": to(page_obj.next_page_number()) if page_obj.has_next() else "",
    }


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Tab], label: Any = "") -> dict[str, Any]:
    """Draw ways to look at a list; the current one is bold with a bar."""
    return {"tabs": list(items), "label": label or _("Show")}


@register.simple_tag
def text(obj: Any, field: str, as_html: bool = True) -> SafeString:
    """Show a bilingual field; where English falls back to Chinese the words carry their language.

    ``as_html=False`` leaves the language mark out, for titles and attributes.
    """
    words = localised(obj, field)
    if as_html and (language := _fallback(obj, field)):
        return format_html("<span{}>{}</span>", language, words)
    return conditional_escape(words)


@register.simple_tag
def prose(value: Any, field: str = "") -> SafeString:
    """Turn plain text into paragraphs (blank line) and line breaks; everything is escaped.

    ``{% prose words %}`` takes the text itself, ``{% prose thing "field" %}``
    a bilingual field, marked with its language like ``{% text %}``.
    """
    language = _fallback(value, field) if field else SafeString()
    words = localised(value, field) if field else value
    paragraphs = [part.strip("\n") for part in normalize_newlines(str(words or "")).split("\n\n")]
    return format_html_join("\n", "<p{}>{}</p>", ((language, _lines(part)) for part in paragraphs if part.strip()))


def _lines(paragraph: str) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in paragraph.split("\n")))


def _fallback(obj: Any, field: str) -> SafeString:
    """Return the attribute of words that are not in the reader's language, empty where they are."""
    language = lacking_english(getattr(obj, f"{field}_en", ""))
    return format_html(' lang="{}"', language) if language else SafeString()


@register.simple_tag
def dot() -> SafeString:
    """Part two facts in a line: a dot to the eye, a comma to the ear."""
    return format_html('<span class="dot"><span class="vh">{}</span></span>', pgettext("between parts", ", "))


@register.simple_tag
def gap() -> str:
    """Part two sentences: with a space in English, with nothing in Chinese, whose full stop brings its own."""
    return "" if (get_language() or "").startswith("zh") else " "


@register.simple_tag
def read_aloud(target: str, label: Any = "") -> SafeString:
    """Offer to read parts of the page aloud (``target`` is a selector, as ``#id``); shown where the device can."""
    return format_html(
        '<button type="button" class="btn quiet listen" data-read="{}" hidden>{}{}</button>',
        target,
        icon("sound"),
        label or _("Read it to me"),
    )


@register.simple_tag
def print_button(label: Any = "") -> SafeString:
    """Offer to print the page; shown where scripts run."""
    return format_html(
        '<button type="button" class="btn quiet" data-print hidden>{}{}</button>', icon("print"), label or _("Print")
    )


@register.tag
def capture(parser: Parser, token: Token) -> CaptureNode:
    """``{% capture name %}…{% endcapture %}``: draw now, show later or not at all."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """``{% kept key more… %}…{% endkept %}``: draw once for everybody; the key and more, as text, hold all it shows.

    ``{% kept key more… but name %}``: all but the texts in ``name``, which are filled in for each reader.
    """
    _tag, key, *more = token.split_contents()
    own = more.pop() if more[-2:-1] == ["but"] else ""
    if own:
        more.pop()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(
        nodelist, token.lineno or 0, parser.compile_filter(key), [parser.compile_filter(each) for each in more], own
    )


@register.filter
def faults(form: Any) -> list[tuple[str, str]]:
    """Return a bound form's faults as (address, sentence) for the summary."""
    return forms.faults(form)


@register.filter
def is_refused(form: Any) -> bool:
    """Tell whether what was sent was refused as a whole."""
    return forms.is_refused(form)


@register.filter
def kind_of(field: Any) -> str:
    """Say how a field is drawn: ``choices``, ``group``, ``tick``, ``long`` or ``line``."""
    widget = field.field.widget
    input_type = getattr(widget, "input_type", "")
    if isinstance(widget, ChoiceWidget) and input_type in {"radio", "checkbox"}:
        return "choices"
    if field.use_fieldset:
        return "group"
    if input_type == "checkbox":
        return "tick"
    return "long" if isinstance(widget, Textarea) else "line"


@register.simple_tag
def group(field: BoundField) -> SafeString:
    """Draw a control made of several inputs; each carries the label, which only the group shows."""
    return field.as_widget(attrs={"aria-label": str(field.label)})
