"""How people's particulars are written."""

from django import template

from civic.people import phones

register = template.Library()


@register.filter
def telephone(number: str | None) -> str:
    """Write a stored mobile number in groups: 138 0000 0000."""
    return phones.shown(number) if number else ""
