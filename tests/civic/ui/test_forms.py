"""Forms: the summary first, faults linked and said beside the field, nothing typed is lost."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.utils import translation

from civic.core.texts import EMPTY
from civic.ui.forms import SharedFields, faults
from civic.ui.gallery import SampleForm


@pytest.fixture
def bad_form() -> Any:
    with translation.override("en"):
        form = SampleForm({"words": "<b>x", "phone": "139", "place": "a", "day": "soon"})
        return BeautifulSoup(str(form), "html.parser")


@pytest.fixture
def blank_form() -> Any:
    with translation.override("en"):
        return BeautifulSoup(str(SampleForm()), "html.parser")


def test_a_blank_form_accuses_nobody(blank_form: Any) -> None:
    assert not blank_form.find(class_="errs")
    assert not blank_form.find(class_="em")


def test_the_summary_comes_first_counts_and_reassures(bad_form: Any) -> None:
    summary = bad_form.find(True)
    assert summary["class"] == ["errs"]
    assert summary["tabindex"] == "-1"
    assert summary.h2.text == "There are 6 things to change"
    assert "nothing is lost" in summary.text


def test_every_fault_leads_to_a_control(bad_form: Any) -> None:
    links = bad_form.find(class_="errs").find_all("a")
    assert len(links) == 6
    for link in links:
        assert bad_form.find(id=link["href"].removeprefix("#")).name in {"input", "textarea", "select"}


def test_missing_answers_say_which_field_they_are(bad_form: Any) -> None:
    assert "怎么告诉您: This field is required." in bad_form.find(class_="errs").text


def test_texts_that_are_too_long_say_which_field_they_are() -> None:
    class Announcement(forms.Form):
        headline = forms.CharField(max_length=3)
        place = forms.ChoiceField(choices=[("a", "A")])

    with translation.override("en"):
        found = [sentence for _address, sentence in faults(Announcement({"headline": "abcd", "place": "z"}))]
    assert found[0].startswith("Headline: ")
    assert found[1].startswith("Place: ")


def test_texts_left_empty_say_which_field_they_are() -> None:
    class Announcement(forms.Form):
        headline = forms.CharField(required=False)
        question = forms.CharField(required=False)

        def clean(self) -> None:
            for name in self.fields:
                self.add_error(name, forms.ValidationError(str(EMPTY), code=EMPTY.code))

    with translation.override("en"):
        assert [sentence.partition(":")[0] for _address, sentence in faults(Announcement({}))] == [
            "Headline",
            "Question",
        ]


@pytest.mark.parametrize(("language", "label"), [("en", "What is wrong?"), ("zh-hans", "哪里不对？")])
def test_a_label_that_asks_has_no_colon_behind_its_mark(language: str, label: str) -> None:
    class Asked(forms.Form):
        text = forms.CharField(label=label)

    with translation.override(language):
        [(_address, sentence)] = faults(Asked({}))
    assert sentence.startswith(label)
    assert sentence.removeprefix(label).strip()[0] not in ":："


def test_what_was_typed_stays_and_is_escaped(bad_form: Any) -> None:
    assert bad_form.textarea.text.strip() == "<b>x"
    assert bad_form.find("input", {"name": "phone"})["value"] == "139"


def test_a_bad_field_is_marked_and_described(bad_form: Any) -> None:
    area = bad_form.textarea
    assert area["aria-invalid"] == "true"
    described = area["aria-describedby"].split()
    assert [bad_form.find(id=name) is not None for name in described] == [True, True]
    assert "bad" in area.find_parent(class_="fld")["class"]


def test_every_control_has_a_name(blank_form: Any) -> None:
    for control in blank_form.find_all(["input", "textarea", "select"]):
        labelled = blank_form.find("label", {"for": control["id"]}) or control.get("aria-label")
        assert labelled, control


def test_groups_of_choices_are_fieldsets(blank_form: Any) -> None:
    for name in ("clause", "channels"):
        group = blank_form.find("input", {"name": name}).find_parent("fieldset")
        assert group.legend


def test_optional_fields_say_so(blank_form: Any) -> None:
    assert "(optional)" in blank_form.find("label", {"for": "id_phone"}).text
    assert "(optional)" not in blank_form.find("label", {"for": "id_words"}).text


def test_long_texts_say_how_long(blank_form: Any) -> None:
    note = blank_form.find(attrs={"data-count": "id_words"})
    assert note["data-limit"] == "500"
    assert note.text == "At most 500 characters"


def test_faults_of_the_whole_form_stand_in_the_summary() -> None:
    class Pair(forms.Form):
        one = forms.CharField(widget=forms.HiddenInput)

        def clean(self) -> None:
            raise forms.ValidationError("These do not fit together.")

    summary = BeautifulSoup(str(Pair({"one": "1"})), "html.parser").find(class_="errs")
    assert "These do not fit together." in summary.text
    assert not summary.find("a")


def test_chinese_faults_read_like_a_clerk() -> None:
    with translation.override("zh-hans"):
        form = SampleForm({"words": "太贵"})
        assert form.errors["words"] == ["最少写 5 个字，现在是 2 个"]
        assert form.errors["channels"] == ["这一项还没填"]
        assert "您写好的都还在，没有丢。" in str(form)


def test_what_one_chooses_from_begins_with_a_capital() -> None:
    class Choosing(forms.Form):
        status = forms.ChoiceField(choices=[("", "any status"), ("open", "<open>"), ("doing", "in progress")])

    options = BeautifulSoup(str(Choosing({"status": "doing"})["status"]), "html.parser").find_all("option")
    assert [option.text for option in options] == ["Any status", "<open>", "In progress"]
    assert [option["value"] for option in options if option.has_attr("selected")] == ["doing"]


def test_a_hidden_field_without_a_name_is_not_called_by_its_code() -> None:
    class Sending(forms.Form):
        submission = forms.UUIDField(widget=forms.HiddenInput)

    with translation.override("zh-hans"):
        page = str(Sending({"submission": "nonsense"}))
    assert "页面自带的一项没有完整送到" in page
    assert "Submission" not in page


class Colours(SharedFields):
    """A form whose fields all its forms share."""

    name = forms.CharField(error_messages={"required": "Say which."})
    tone = forms.ChoiceField(choices=[("light", "Light"), ("dark", "Dark")])


def test_what_a_form_changes_of_its_own_field_no_other_form_has() -> None:
    changed, other = Colours({"name": "x", "tone": "loud"}), Colours({"name": "x", "tone": "loud"})
    own = changed.own("tone")
    own.choices = [("loud", "Loud")]  # type: ignore[attr-defined]
    own.widget.attrs["class"] = "wide"
    own.error_messages["required"] = "Never."
    assert changed.is_valid()
    assert not other.is_valid()
    assert "wide" not in str(other)
    assert Colours.base_fields["tone"].error_messages["required"] != "Never."


def test_a_form_that_drops_a_field_takes_it_from_no_other() -> None:
    changed = Colours()
    del changed.fields["name"]
    assert list(Colours().fields) == ["name", "tone"]
    assert Colours({"tone": "dark"}).errors == {"name": ["Say which."]}
