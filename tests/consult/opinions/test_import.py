"""``import_polis`` from the outside: what is stored, said and refused."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from civic.audit.models import Entry, Unsealed
from civic.core.commands import BadInput
from civic.people.models import Person
from consult.consultations.models import Consultation, Participation
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.opinions.models import ImportedStatement, Opinion, StatementTally
from consult.opinions.queries import shown, wrong_tallies
from tests.consult.opinions.test_reading import GOOD, folder, vote
from tests.public_data import DATA

pytestmark = pytest.mark.django_db

POLIS = DATA / "polis"


def run(path: Path, slug: str = "elsewhere") -> tuple[dict[str, int], list[str]]:
    out, err = StringIO(), StringIO()
    call_command("import_polis", str(path), consultation=slug, stdout=out, stderr=err)
    return json.loads(out.getvalue().splitlines()[-1]), err.getvalue().splitlines()


@pytest.mark.needs("public-data")
@pytest.mark.parametrize("name", ["15-per-hour-seattle", "vtaiwan.uberx"])
def test_a_real_conversation_is_stored_as_its_source_counts_it(name: str) -> None:
    expected = json.loads((POLIS / name / "expected.json").read_text())["matrix"]
    first, complaints = run(POLIS / name)
    assert first == {
        "participants": expected["participants"],
        "statements": expected["comments_in_matrix"],
        "votes": expected["cells"],
        "rejected_rows": 0,
    }
    assert complaints == []
    tallies = StatementTally.objects.all()
    assert sum(tally.agrees for tally in tallies) == expected["agree"]
    assert sum(tally.disagrees for tally in tallies) == expected["disagree"]
    assert sum(tally.passes for tally in tallies) == expected["pass"]
    hidden = ImportedStatement.objects.filter(contribution__state=State.HIDDEN)
    assert hidden.count() == expected["moderated_out"]
    assert list(wrong_tallies()) == []


def small(path: Path, votes: str = "", comments: str = GOOD) -> Path:
    return folder(path, comments=comments, votes=votes or vote(voter=1) + vote(voter=2, value="-1"))


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    first = run(small(tmp_path))
    before = [
        list(model.objects.order_by("pk").values()) for model in (Person, Contribution, Opinion, StatementTally, Entry)
    ]
    assert run(tmp_path) == first
    after = [
        list(model.objects.order_by("pk").values()) for model in (Person, Contribution, Opinion, StatementTally, Entry)
    ]
    assert after == before


def test_what_it_leaves_in_the_record_is_sealed(tmp_path: Path) -> None:
    run(small(tmp_path))
    assert Entry.objects.exists()
    assert not Unsealed.objects.exists()


def test_a_run_after_a_stop_goes_on(tmp_path: Path) -> None:
    whole = vote(voter=1) + vote(voter=2) + vote(voter=3, value="0")
    run(small(tmp_path, votes=vote(voter=1)))
    totals, _ = run(small(tmp_path, votes=whole))
    assert totals == {"participants": 4, "statements": 1, "votes": 3, "rejected_rows": 0}
    assert StatementTally.objects.get().voters == 3
    assert Consultation.objects.get().participant_count == Participation.objects.count() == 4
    assert list(wrong_tallies()) == []


def test_a_later_vote_replaces_and_an_earlier_one_does_not(tmp_path: Path) -> None:
    run(small(tmp_path, votes=vote(value="1", at=2_000_000_000_000)))
    run(small(tmp_path, votes=vote(value="-1", at=1_900_000_000_000)))
    assert Opinion.objects.get().value == 1
    run(small(tmp_path, votes=vote(value="0", at=2_100_000_000_000)))
    assert Opinion.objects.get().value == 0
    assert list(wrong_tallies()) == []


def test_bad_rows_are_told_and_good_ones_kept(tmp_path: Path) -> None:
    votes = vote(voter=1) + vote(voter=2, value="7") + vote(voter=3, statement=99) + "14030672"
    totals, complaints = run(small(tmp_path, votes=votes))
    assert (totals["votes"], totals["rejected_rows"]) == (1, 3)
    assert [line.split(" ")[0] for line in complaints] == ["votes.csv:3:", "votes.csv:4:", "votes.csv:5:"]


def test_people_who_are_only_listed_take_part_too(tmp_path: Path) -> None:
    folder(tmp_path, votes=vote(voter=1), people="participant,group-id,0\n1,,1\n9,,\n")
    totals, _ = run(tmp_path)
    assert totals["participants"] == 3


def test_imported_people_cannot_sign_in_and_say_nothing_of_themselves(tmp_path: Path) -> None:
    run(small(tmp_path))
    people = Person.objects.filter(is_imported=True)
    assert people.count() == 3
    for person in people:
        assert not person.is_active
        assert not person.has_usable_password()
        assert person.email is None
        assert person.phone is None


def test_other_words_under_a_known_number_are_told_and_not_stored(tmp_path: Path) -> None:
    run(small(tmp_path))
    totals, complaints = run(small(tmp_path, comments=GOOD.replace("Good", "Other")))
    assert totals["rejected_rows"] == 1
    assert "other words" in complaints[0]
    assert Contribution.objects.get().text == "Good words"


def test_an_existing_consultation_receives_the_statements(tmp_path: Path) -> None:
    run(small(tmp_path))
    consultation = Consultation.objects.get()
    Consultation.objects.filter(pk=consultation.pk).update(title="已有")
    run(tmp_path)
    assert Consultation.objects.get().title == "已有"


@pytest.mark.parametrize("slug", ["", "a b", "../x", "云澜", "x" * 81])
def test_a_bad_address_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(BadInput) as refused:
        run(small(tmp_path), slug)
    assert refused.value.returncode == 2
    assert not Consultation.objects.exists()


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        run(tmp_path / "nowhere")
    with pytest.raises(BadInput):
        run(tmp_path)


def test_a_conversation_without_a_usable_statement_stores_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        run(small(tmp_path, comments="rubbish\n"))
    assert not Consultation.objects.exists()


def test_hidden_statements_are_counted_and_never_shown(tmp_path: Path, client: Client) -> None:
    comments = GOOD + "1403067224363,Wed,1,5,0,0,-1,Shameful words\n"
    run(small(tmp_path, comments=comments, votes=vote(0) + vote(1)))
    hidden = Contribution.objects.get(state=State.HIDDEN)
    page = client.get("/consultations/elsewhere/statements/").content.decode()
    assert "Good words" in page
    assert "Shameful" not in page
    assert "Shameful" not in client.get("/consultations/elsewhere/").content.decode()
    assert client.get(f"/consultations/elsewhere/statements/{hidden.pk}/").status_code == 404
    assert "Shameful" not in client.get("/search/", {"q": "shameful"}).content.decode()
    assert Opinion.objects.filter(statement=hidden).count() == 1
    assert shown(Consultation.objects.get()).count() == 1


def test_a_statement_is_found_by_its_words(tmp_path: Path, client: Client) -> None:
    run(small(tmp_path))
    statement = Contribution.objects.get()
    assert statement.get_absolute_url() in client.get("/search/", {"q": "good words"}).content.decode()
    assert client.get(statement.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize("sort", ["voted", "agreed", "divided", "nonsense"])
def test_the_statements_cost_a_constant_number_of_queries(
    tmp_path: Path, client: Client, number: int, sort: str, django_assert_max_num_queries: Any
) -> None:
    comments = "".join(GOOD.replace(",0,5,", f",{n},5,") for n in range(number))
    run(small(tmp_path, comments=comments, votes="".join(vote(n) for n in range(number))))
    with django_assert_max_num_queries(8):
        assert client.get("/consultations/elsewhere/statements/", {"sort": sort}).status_code == 200
    with django_assert_max_num_queries(12):
        assert client.get("/consultations/elsewhere/").status_code == 200


def test_a_wrong_tally_is_named(tmp_path: Path) -> None:
    run(small(tmp_path))
    StatementTally.objects.update(agrees=5)
    assert len(list(wrong_tallies())) == 1
