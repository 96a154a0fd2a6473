"""``import_places``: the county's places from a table, all or nothing, as often as one likes."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from civic.audit.models import Entry
from civic.core.commands import BadInput
from civic.places import actions
from civic.places.models import Place

pytestmark = pytest.mark.django_db
Bring = Callable[[str | bytes], str]
TABLE = "code,name,name_en,parent\n99,云澜县,Yunlan County,\n9901,澜溪街道,Lanxi,99\n990101,柳荫社区,Liuyin,9901\n"


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    """Bring a table in and return what the command says."""

    def run(table: str | bytes) -> str:
        path, said = tmp_path / "places.csv", StringIO()
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        call_command("import_places", str(path), stdout=said)
        return said.getvalue()

    return run


def test_places_lie_where_the_table_says(bring: Bring) -> None:
    assert "3 places read, 3 added" in bring(TABLE)

    assert list(Place.objects.values_list("path", "level")) == [("99/", 1), ("99/9901/", 2), ("99/9901/990101/", 3)]
    assert Entry.objects.filter(type=actions.ADDED, actor=None).count() == 3


def test_a_table_from_a_chinese_spreadsheet_is_read(bring: Bring) -> None:
    bring(TABLE.encode("gb18030"))
    assert Place.objects.get(code="9901").name == "澜溪街道"


def test_a_second_run_changes_nothing_and_another_name_is_taken_over(bring: Bring) -> None:
    bring(TABLE)
    assert "0 added or renamed" in bring(TABLE)
    assert "1 added or renamed" in bring(TABLE.replace("柳荫社区", "柳荫新村"))
    assert Place.objects.get(code="990101").name == "柳荫新村"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "names the columns"),
        ("code,name,colour\n", "names the columns"),
        ("code,name\n99,\n", "csv:2: name is empty"),
        ("code,name\n99,县,更多\n", "csv:2: there are more cells"),
        ("code,name\n99,县\u202e\n", "csv:2: name holds invisible"),
        ("code,name\n9/9,县\n", "csv:2: '9/9' is no code"),
        ("code,name\n99," + "长" * 61 + "\n", "longer than 60"),
        (TABLE + "990102,乙社区,,9977\n", "csv:5: there is no place 9977"),
        (TABLE + "9901,澜溪街道,Lanxi,\n", "csv:5: 9901 lies elsewhere"),
        (TABLE + "1,格,,990101\n2,格中格,,1\n", "csv:6: 1 is a grid"),
        (b"\xff\xfe\x00", "no text"),
    ],
)
def test_what_cannot_be_is_said_by_line_and_nothing_is_changed(bring: Bring, table: str | bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        bring(table)

    assert said in str(refused.value)
    assert not Place.objects.exists()


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        call_command("import_places", "/nowhere/places.csv")
