"""A Polis export, whole and broken."""

from pathlib import Path

import pytest
from django.utils.translation import override

from consult.opinions import reading
from consult.opinions.reading import Votes, WrongFile

COMMENTS = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
VOTES = "timestamp,datetime,comment-id,voter-id,vote\n"
GOOD = "1403067224363,Wed Jun 18,0,5,1,0,1,Good words\n"


@pytest.fixture
def faults() -> list[tuple[str, int, str]]:
    return []


@pytest.fixture
def complain(faults):
    return lambda file, line, fault: faults.append((file, line, fault))


def folder(path: Path, *, comments: str | bytes = GOOD, votes: str | bytes = "", people: str | None = None) -> Path:
    for name, header, rows in (("comments.csv", COMMENTS, comments), ("votes.csv", VOTES, votes)):
        (path / name).write_bytes(header.encode() + (rows if isinstance(rows, bytes) else rows.encode()))
    if people is not None:
        (path / "participants-votes.csv").write_text(people)
    return path


def vote(statement: int = 0, voter: int = 7, value: str = "1", at: int = 1403067224363) -> str:
    return f"{at},Wed Jun 18,{statement},{voter},{value}\n"


@pytest.mark.parametrize(
    "row",
    [
        '1403067224363,Wed,1,5,0,0,1,"Two\nlines, and a ""quotation"""\n',
        "1403067224363,Wed,1,5,0,0,-1,hidden\n",
        "1403067224363,Wed,1,5,0,0,0,not yet seen\r\n",
        "1403067224363,Wed,1,5,0,0,1,没有换行",
    ],
)
def test_a_statement_is_read(tmp_path, complain, faults, row) -> None:
    found = reading.statements(folder(tmp_path, comments=row), complain)
    assert [statement.id for statement in found] == [1]
    assert not faults


def test_a_line_of_a_statement_may_look_like_a_time(tmp_path, complain, faults) -> None:
    row = '1403067224363,Wed,1,5,0,0,1,"It cost\n1403067224,000 in all\n123456789,too"\n'
    found = reading.statements(folder(tmp_path, comments=row + GOOD), complain)
    assert [statement.id for statement in found] == [1, 0]
    assert not faults


def test_words_may_stand_anywhere_in_a_row(tmp_path, complain, faults) -> None:
    folder(tmp_path)
    rows = 'comment-body,moderated,author-id,comment-id,timestamp\n"Two\nlines",1,5,1,1403067224363\nmore,1,5,2,1403067224363\n'
    (tmp_path / "comments.csv").write_text(rows)
    assert [statement.text for statement in reading.statements(tmp_path, complain)] == ["Two\nlines", "more"]
    assert not faults


def test_a_time_in_seconds_is_understood(tmp_path, complain, faults) -> None:
    comments = "1403067224,Wed,0,5,0,0,1,words\n"
    votes = vote(at=1403067224) + vote(voter=8, at=1403067225363)
    [statement] = reading.statements(folder(tmp_path, comments=comments, votes=votes), complain)
    assert statement.milliseconds == 1403067224000
    assert [at for _place, _vote, at in reading.votes(tmp_path, {0}, complain).on(0)] == [1403067224000, 1403067225363]
    assert not faults


def test_what_cannot_be_shown_is_told_in_one_language(tmp_path, complain, faults) -> None:
    with override("zh-hans"):
        reading.statements(folder(tmp_path, comments="1403067224363,Wed,1,5,0,0,1,   \n"), complain)
    assert faults[0][2].isascii()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("1403067224363,Wed,1,5,0,0,1\n", "7 fields instead of 8"),
        ("1403067224363,Wed,1,5,0,0,1,a,b\n", "9 fields instead of 8"),
        ("yesterday,Wed,1,5,0,0,1,words\n", "timestamp"),
        ("1403067224363,Wed,one,5,0,0,1,words\n", "comment-id"),
        ("1403067224363,Wed,1,-5,0,0,1,words\n", "author-id"),
        ("1403067224363,Wed,1,5,0,0,2,words\n", "moderated"),
        ("1403067224363,Wed,1,5,0,0,1,\n", "cannot be shown"),
        ("1403067224363,Wed,1,5,0,0,1," + "长" * 3001 + "\n", "cannot be shown"),
        ("1403067224363,Wed,0,5,0,0,1,again\n", "already given"),
        ("1403067224363,Wed,9007199254740993,5,0,0,1,words\n", "comment-id"),
        (b"1403067224363,Wed,1,5,0,0,1,\xff\xfe\n", "not UTF-8"),
        ('1403067224363,Wed,1,5,0,0,1,"never closed\n', "quotation"),
        ('1403067224363,Wed,1,5,0,0,1,"a" b\n', "quotation"),
    ],
)
def test_a_bad_statement_is_told_by_its_line_and_costs_no_other(tmp_path, complain, faults, row, says) -> None:
    raw = GOOD.encode() + (row if isinstance(row, bytes) else row.encode()) + GOOD.replace(",0,5,", ",2,5,").encode()
    found = reading.statements(folder(tmp_path, comments=raw), complain)
    assert [statement.id for statement in found] == [0, 2]
    [(file, line, fault)] = faults
    assert (file, line) == ("comments.csv", 3)
    assert says in fault


def test_a_file_cut_inside_quotation_marks_is_told(tmp_path, complain, faults) -> None:
    cut = GOOD + '1403067224363,Wed,1,5,0,0,1,"cut in\nthe mid'
    assert len(reading.statements(folder(tmp_path, comments=cut), complain)) == 1
    assert faults == [("comments.csv", 3, "the file ends inside quotation marks")]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (vote(value="7"), "'7'"),
        (vote(value=""), "none of 1, 0 and -1"),
        (vote(value="１"), "none of 1, 0 and -1"),
        (vote(statement=99), "no statement 99"),
        ("1403067224363,Wed Jun 18,0", "3 fields instead of 5"),
        ("140306722436", "1 fields instead of 5"),
        ("0,Wed Jun 18,0,7,1\n", "timestamp"),
        ("99999999999999999999999,Wed,0,7,1\n", "timestamp"),
        ('1403067224363,"Wed,0,7,1\n', "quotation"),
        (b"\x00\xff\n", "not UTF-8"),
    ],
)
def test_a_bad_vote_is_told_by_its_line_and_costs_no_other(tmp_path, complain, faults, row, says) -> None:
    raw = vote(voter=1).encode() + (row if isinstance(row, bytes) else row.encode())
    if raw.endswith(b"\n"):
        raw += vote(voter=2).encode()
    found = reading.votes(folder(tmp_path, votes=raw), {0}, complain)
    assert list(found.voters) == ([1, 2] if raw.count(b"\n") > 2 or raw.endswith(b"\n") else [1])
    [(file, line, fault)] = faults
    assert (file, line) == ("votes.csv", 3)
    assert says in fault


def test_the_latest_vote_counts_whatever_its_row(tmp_path, complain) -> None:
    rows = vote(value="1", at=1403067224365) + vote(value="-1", at=1403067224364) + vote(value="0", voter=8)
    found = reading.votes(folder(tmp_path, votes=rows), {0}, complain)
    assert list(found.on(0)) == [(0, 1, 1403067224365), (1, 0, 1403067224363)]


def test_of_two_votes_at_one_time_the_later_row_counts() -> None:
    taken = Votes()
    taken.add(0, 7, 1000, 1)
    taken.add(0, 7, 1000, -1)
    assert list(taken.on(0)) == [(0, -1, 1000)]


def test_listed_participants_are_read_with_their_votes_checked(tmp_path, complain, faults) -> None:
    people = "participant,group-id,n-votes,0,1\n3,,1,1,\n4,,1,7,\nfive,,0,,\n6,,0,\n"
    assert list(reading.participants(folder(tmp_path, people=people), complain)) == [3]
    assert [line for _file, line, _fault in faults] == [3, 4, 5]


@pytest.mark.parametrize("name", ["comments.csv", "votes.csv"])
@pytest.mark.parametrize("content", [b"", b"\n", b"a,b,c\n1,2,3\n", b"\xff\xfe\x00", b"PK\x03\x04"])
def test_a_wrong_header_is_refused(tmp_path, name, content) -> None:
    (folder(tmp_path) / name).write_bytes(content)
    with pytest.raises(WrongFile, match=name):
        reading.check(tmp_path)


@pytest.mark.parametrize("name", ["comments.csv", "votes.csv"])
def test_a_missing_file_is_refused(tmp_path, name) -> None:
    (folder(tmp_path) / name).unlink()
    with pytest.raises(WrongFile, match=name):
        reading.check(tmp_path)


def test_a_wrong_list_of_participants_is_refused(tmp_path) -> None:
    with pytest.raises(WrongFile, match="participants-votes"):
        reading.check(folder(tmp_path, people="who,what\n"))


def test_columns_may_stand_in_any_order(tmp_path, complain, faults) -> None:
    (folder(tmp_path) / "votes.csv").write_text("\ufeffvote,voter-id,comment-id,timestamp\n-1,7,0,1403067224363\n")
    reading.check(tmp_path)
    assert list(reading.votes(tmp_path, {0}, complain).on(0)) == [(0, -1, 1403067224363)]
    assert not faults
