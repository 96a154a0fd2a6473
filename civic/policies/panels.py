"""The editor's screens, in the order an editor works."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)

from civic.policies.forms import PolicyPageForm, ScopedPageForm
from civic.policies.models import HomePage, InformationPage, PolicyIndexPage, PolicyPage

# A policy is never taken off the site on a day: "in force until" says when it ends, and the text stays to be read.
_DAY = PublishingPanel(children=[panel for panel in PublishingPanel().children if panel.field_name == "go_live_at"])
_ADDRESS = ObjectList([FieldPanel("slug")], heading=_("Address"))


def _both(name: str) -> list[FieldPanel]:
    return [FieldPanel(name), FieldPanel(f"{name}_en")]


def install() -> None:
    """Give every page type its form and its screens."""
    PolicyPage.base_form_class = PolicyPageForm
    PolicyPage.edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    MultiFieldPanel(_both("title"), heading=_("Title")),
                    MultiFieldPanel(_both("summary"), heading=_("In plain words")),
                    FieldPanel("clauses"),
                    MultiFieldPanel(_both("change_note"), heading=_("What changed in this version")),
                ],
                heading=_("Text"),
            ),
            ObjectList(
                [
                    FieldPanel("number"),
                    FieldRowPanel([FieldPanel("issuing_body"), FieldPanel("place")]),
                    FieldPanel("stage"),
                    FieldRowPanel([FieldPanel("in_force_from"), FieldPanel("in_force_until")]),
                    FieldPanel("under_review"),
                    FieldPanel("supersedes"),
                    MultiFieldPanel(_both("basis"), heading=_("Legal basis")),
                    FieldPanel("topics"),
                    FieldPanel("places"),
                ],
                heading=_("Standing"),
            ),
            ObjectList([FieldPanel("slug"), _DAY], heading=_("Address and day")),
        ]
    )
    for model in (HomePage, PolicyIndexPage, InformationPage):
        body = _both("body") if model is InformationPage else []
        model.base_form_class = ScopedPageForm
        model.edit_handler = TabbedInterface(
            [ObjectList([*_both("title"), *_both("lead"), *body], heading=_("Text")), _ADDRESS]
        )
