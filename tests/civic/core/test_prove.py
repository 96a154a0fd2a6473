from io import StringIO

import pytest
from django.core.management import call_command

from civic.audit.models import Entry
from civic.core import proofs
from civic.core.commands import BadInput
from civic.events.models import Delivery


def prove(*names: str) -> tuple[int, list[str]]:
    """Run the command; return its exit code and its lines."""
    out = StringIO()
    try:
        call_command("prove", *names, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


@pytest.mark.django_db
def test_an_empty_site_has_no_fault_and_says_so_in_one_line() -> None:
    code, lines = prove()
    assert (code, len(lines)) == (0, 1)
    assert "no fault" in lines[0]


@pytest.mark.django_db
def test_a_delivery_given_up_is_a_fault_with_its_line() -> None:
    entry = Entry.objects.create(type="test", subject_type="x", subject_id="1", at="2026-11-12T02:00:00Z")
    given_up = Delivery.objects.create(
        entry=entry, subscriber="some.subscriber", status="failed", attempts=8, due_at=entry.at, error="Boom"
    )
    code, lines = prove("deliveries")
    assert code == 1
    assert lines == [
        f"deliveries: delivery {given_up.pk} (test to some.subscriber) was given up after 8 attempts: Boom"
    ]


@pytest.mark.django_db
def test_an_unknown_proof_is_refused_in_one_line() -> None:
    with pytest.raises(BadInput, match="no proof called nonsense"):
        prove("nonsense")


def test_a_proof_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        proofs.register("deliveries", list)
