"""Files as people really write them, and what is refused, with the line."""

from pathlib import Path

import pytest

from consult.voting.methods.ballots import read
from consult.voting.methods.files import Election, WrongFile, read_election


def election(folder: Path, name: str, text: str | bytes) -> Election:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_election(path)


def ballots(found: Election) -> dict[str, int]:
    """Ballots as text: "a>b=c": 4."""
    shown = {}
    for ballot, number in found.ballots.items():
        ((key, value),) = read(ballot).items()
        if key == "ranking":
            shown[">".join("=".join(group) for group in value)] = number
        elif key == "scores":
            shown[" ".join(f"{option}:{points}" for option, points in value.items())] = number
        else:
            shown["|".join(value)] = number
    return shown


def names(found: Election) -> list[str]:
    return [option.id for option in found.options]


TIDY = '3 2\n4 1 2 0\n1 3 0\n2 0\n0\n"a"\n"b"\n"c"\n"The title"\n'


def test_a_tidy_blt(tmp_path: Path) -> None:
    found = election(tmp_path, "x.blt", TIDY)
    assert (names(found), found.seats, found.title) == (["a", "b", "c"], 2, "The title")
    assert ballots(found) == {"a>b": 4, "c": 1, "": 2}


@pytest.mark.parametrize(
    "text",
    [
        TIDY.replace("\n", "\r\n"),
        "\ufeff" + TIDY,
        "# made by hand\n\n" + TIDY.replace("3 2\n", "3 2   # candidates, seats\n\n"),
        TIDY.replace('"', ""),
        TIDY.replace("4 1 2 0\n", "3 1 2 0\n\n1 1 2 0\n"),
        TIDY.replace("4 1 2 0", "(lot 7) 4 1 2 0"),
        TIDY.replace("4 1 2 0", "4 1 2"),
        TIDY.replace("4 1 2 0", "4.0 1 - 2 0"),
        TIDY.replace("4 1 2 0", "4 1 2 1 2 0"),
        TIDY.replace('"a"\n"b"\n"c"\n', '"a" "b" "c" '),
        TIDY.replace('"b"', '"b" "A party"'),
        TIDY.replace("4 1 2 0\n1 3 0\n", "4 1 2 0 1 3 0\n"),
        TIDY.replace("1 3 0", " \t1  3\t0 "),
        TIDY.replace("1 3 0", "1 3 0\n0 1 2 0"),
        TIDY.replace("2 0\n0\n", "2 0\n0 0\n"),
        TIDY.replace("\n", ",,,\n"),
    ],
    ids=range(16),
)
def test_a_blt_written_otherwise_says_the_same(tmp_path: Path, text: str) -> None:
    found = election(tmp_path, "x.blt", text)
    assert (names(found), found.seats, found.title) == (["a", "b", "c"], 2, "The title")
    assert ballots(found) == {"a>b": 4, "c": 1, "": 2}


def test_the_withdrawn_are_taken_off_every_ballot(tmp_path: Path) -> None:
    for line in ("-2", "-2 ", "[withdrawn 2]"):
        found = election(tmp_path, "x.blt", TIDY.replace("3 2\n", f"3 2\n{line}\n"))
        assert names(found) == ["a", "c"]
        assert ballots(found) == {"a": 4, "c": 1, "": 2}
    found = election(tmp_path, "x.blt", TIDY.replace("3 2\n", "3 2\n-2 -3\n").replace("1 3 0", "1 3 1 0"))
    assert ballots(found) == {"a": 5, "": 2}


def test_equal_ranks_are_kept(tmp_path: Path) -> None:
    assert ballots(election(tmp_path, "x.blt", TIDY.replace("4 1 2 0", "4 1=3 2 0"))) == {"a=c>b": 4, "c": 1, "": 2}


def test_names_are_taken_as_they_are(tmp_path: Path) -> None:
    text = '4 1\n0\nRose-Ann CUNINGHAME (Con)\n"John "Jack" O\'Neil # 1"\n"Say \\"hi\\""\nE\u00f2ghann MACCOLL (SNP)\n'
    found = election(tmp_path, "x.blt", text)
    assert names(found) == [
        "Rose-Ann CUNINGHAME (Con)",
        'John "Jack" O\'Neil # 1',
        'Say "hi"',
        "E\u00f2ghann MACCOLL (SNP)",
    ]
    assert found.title == ""


def test_a_spreadsheets_doubled_quotes_are_read_and_a_party_behind_a_name_left_out(tmp_path: Path) -> None:
    lines = (
        '"Ann LEE ""Green Party (GP)"""',
        '"Bo ""Bobby"" RAY"',
        '"Cy DOE" "Independent"',
        '"""Di FOX"" ""Labour"" "',
        '"""Ward 6 - North"" "',
    )
    found = election(tmp_path, "x.blt", "\n".join(("4 1", "0", *lines)))
    assert names(found) == ["Ann LEE", 'Bo "Bobby" RAY', "Cy DOE", "Di FOX"]
    assert found.title == "Ward 6 - North"


def test_a_name_behind_a_hash_is_no_comment_where_a_candidate_would_be_missing(tmp_path: Path) -> None:
    text = "2 1\n1 1 0\n0\n# ALTERNATIVE NAME 1: Ann Lee (Ind)\nBo Ray (Ind)\nWard 6\n"
    found = election(tmp_path, "x.blt", text)
    assert (names(found), found.title) == (["# ALTERNATIVE NAME 1: Ann Lee (Ind)", "Bo Ray (Ind)"], "Ward 6")
    assert names(election(tmp_path, "x.blt", '2 1\n0\n# names\n"a"\n"b"\n')) == ["a", "b"]


def test_namesakes_stay_two(tmp_path: Path) -> None:
    assert names(election(tmp_path, "x.blt", '2 1\n0\n"John Smith"\n"John Smith"\n"T"\n')) == [
        "John Smith",
        "John Smith (2)",
    ]


def test_an_older_encoding_is_read(tmp_path: Path) -> None:
    assert names(election(tmp_path, "x.blt", '1 1\n0\n"Jos\u00e9"\n'.encode("latin-1"))) == ["Jos\u00e9"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the file is empty"),
        ("three 2\n", "line 1: expected the number"),
        ("3 0\n", "line 1: expected the number"),
        (TIDY.replace("4 1 2 0", "4 1 7 0"), "line 2: no candidate has the number '7', there are 3"),
        (TIDY.replace("4 1 2 0", "4 1 x 0"), "line 2: no candidate has the number 'x'"),
        (TIDY.replace("4 1 2 0", "many 1 0"), "line 2: 'many' is no number of ballots"),
        (TIDY.replace('0\n"a"', '"a"'), "line 5"),
        (TIDY.replace("4 1 2 0", "4 1 2 0 0"), "line 3: a ballot after the 0 that ends them"),
        (TIDY.replace("1 3 0", "0\n1 3 0"), "line 4: a ballot after the 0 that ends them"),
        ("2 1\n1 1 0\n", "do not end"),
        ('3 1\n0\n"a"\n"b"\n', "3 candidates, but only 2 names"),
        ('1 1\n-1\n0\n"a"\n', "every candidate is withdrawn"),
        ("\x00\x01", "not a text file"),
    ],
)
def test_a_blt_that_cannot_be_understood_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(WrongFile, match=why):
        election(tmp_path, "x.blt", text)


PB = (
    "META\nkey;value\ndescription;Town\nbudget;100.50\nvote_type;{kind}\nmax_length;3\nmin_project_score_threshold;2\n"
    'PROJECTS\nproject_id;name;cost;votes\n7;"Benches; and ""lamps""";60;1\np2;Trees;40.25;1\n'
    "VOTES\nvoter_id;age;vote;points\n{votes}"
)


def pb(folder: Path, votes: str, kind: str = "approval") -> Election:
    return election(folder, "x.pb", PB.format(kind=kind, votes=votes))


def test_a_budget_with_odd_columns_quotes_and_cents(tmp_path: Path) -> None:
    found = pb(tmp_path, '1;;7,p2;\n2;30;"7, p2"\n3;;p2,p2\n4;;;\n')
    assert [(option.id, option.cost) for option in found.options] == [("7", 6000), ("p2", 4025)]
    assert (found.budget, found.scale, found.minimum_score) == (10050, 100, 2)
    assert ballots(found) == {"7|p2": 2, "p2": 1, "": 1}


def test_a_ballot_cut_short_is_blank(tmp_path: Path) -> None:
    assert ballots(pb(tmp_path, "1;;7\n2\n3;40\n")) == {"7": 1, "": 2}


def test_whoever_scores_nothing_gives_the_score_the_file_sets_for_that(tmp_path: Path) -> None:
    text = PB.format(kind="scoring", votes="1;;7;2\n2;;;\n").replace("max_length;3", "default_score;-1")
    assert ballots(election(tmp_path, "x.pb", text)) == {"7:2 p2:-1": 1, "7:-1 p2:-1": 1}


def test_an_amount_with_many_decimals_is_kept(tmp_path: Path) -> None:
    found = election(tmp_path, "x.pb", PB.format(kind="approval", votes="").replace("40.25", "40.333333333333"))
    assert [option.cost for option in found.options] == [60 * 10**12, 40_333_333_333_333]


def test_points_and_places_become_points(tmp_path: Path) -> None:
    assert ballots(pb(tmp_path, "1;;7,p2;6,4\n2;;p2;10\n", "cumulative")) == {"7:6 p2:4": 1, "p2:10": 1}
    assert ballots(pb(tmp_path, "1;;7,p2;\n", "scoring")) == {"7:1 p2:1": 1}
    assert ballots(pb(tmp_path, "1;;p2,7\n2;;7\n", "ordinal")) == {"7:2 p2:3": 1, "7:3": 1}


@pytest.mark.parametrize(
    ("votes", "kind", "why"),
    [
        ("1;;9\n", "approval", "line 14: no project has the id '9'"),
        ("1;;7,p2;5\n", "cumulative", "line 14: 2 projects, but points for 1"),
        ("1;;7;many\n", "cumulative", "line 14: 'many' is no number of points"),
        ("1;;7;1.5\n", "scoring", "points are whole numbers"),
    ],
)
def test_a_wrong_vote_is_refused_with_its_line(tmp_path: Path, votes: str, kind: str, why: str) -> None:
    with pytest.raises(WrongFile, match=why):
        pb(tmp_path, votes, kind)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("budget;100.50\n", "", "no budget"),
        ("budget;100.50", "budget;lots", "no amount: 'lots'"),
        ("p2;Trees;40.25", "p2;Trees;", "line 11: the cost is no amount"),
        ("p2;Trees", "7;Trees", "two projects have the id '7'"),
        ("p2;Trees", ";Trees", "a project without an id"),
        ("VOTES\n", "", "no section VOTES"),
        ("META\n", "", "expected META"),
        ("voter_id;age;vote;points", "voter_id;age;votes;points", "line 14: VOTES has no column called vote"),
        ("approval\nmax_length;3", "scoring\ndefault_score;much", "default_score is no number: 'much'"),
    ],
)
def test_a_wrong_budget_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    with pytest.raises(WrongFile, match=why):
        election(tmp_path, "x.pb", PB.format(kind="approval", votes="1;;7\n").replace(old, new))


def test_approvals_with_codes(tmp_path: Path) -> None:
    text = 'ballot_tracking_code,approved\n1-1,"Bo, Jr.|Ann"\n1-2,Ann\n\n1-3,\n"1-4"," Ann | Ann "\n'
    found = election(tmp_path, "x.csv", text)
    assert names(found) == ["Ann", "Bo, Jr."]
    assert ballots(found) == {"Ann|Bo, Jr.": 1, "Ann": 2, "": 1}
    assert ballots(election(tmp_path, "y.csv", "7-7,Ann\n")) == {"Ann": 1}
    assert ballots(election(tmp_path, "y.csv", "token,Choices\r\n7-7,Ann\r\n")) == {"Ann": 1}


@pytest.mark.parametrize("header", ["Tracking Code,who", "ballotId,who", "No.,who", "x,Approved", "选票编号,名单"])
def test_names_of_columns_are_no_ballot(tmp_path: Path, header: str) -> None:
    assert ballots(election(tmp_path, "x.csv", f"{header},\n1,Ann,\n2,Bo|Ann,\n")) == {"Ann": 1, "Ann|Bo": 1}


@pytest.mark.parametrize("first", ["Ballot A", "voter-1", "codeX", "id7", "token 12", "Q"])
def test_a_first_ballot_is_not_taken_for_the_names_of_columns(tmp_path: Path, first: str) -> None:
    assert ballots(election(tmp_path, "x.csv", f"{first},Ann\n{first}b,Bo\n")) == {"Ann": 1, "Bo": 1}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("code,approved\n1,Ann\n1,Bo\n", "line 3: the tracking code 1 comes twice"),
        ("code,approved\n,Ann\n", "line 2: there is no tracking code"),
        ("code,approved\n1,Ann,Bo\n", "line 2: expected a code and the names, found 3 columns"),
        ('code,approved\n1,"Ann\n', "line 2"),
        ("code,approved\n", "nobody is named"),
    ],
)
def test_wrong_approvals_are_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(WrongFile, match=why):
        election(tmp_path, "x.csv", text)


def test_a_tally_of_many_options(tmp_path: Path) -> None:
    header = "".join(f"{'|' * n}/ Option {n + 1}--->: Choice {n + 1}\n" for n in range(11))
    found = election(
        tmp_path, "x.txt", f"Tally Sheet\n{header}V: 123456789AB\tsome login\n V: -----------\nV: 11---------\n"
    )
    assert len(names(found)) == 11
    assert ballots(found)["Choice 1=Choice 2"] == 1
    assert ballots(found)[""] == 1
    assert ballots(found)[">".join(f"Choice {n}" for n in range(1, 12))] == 1


def test_a_tally_without_names_numbers_its_options(tmp_path: Path) -> None:
    assert names(election(tmp_path, "x.txt", "V: 12-\nV: 321\n")) == ["1", "2", "3"]


def test_what_explains_a_tally_is_no_vote_and_names_an_option_once(tmp_path: Path) -> None:
    options = "Option 1->: Ann\nOption 2->: Bo\n"
    found = election(tmp_path, "x.txt", f"Choices:\n{options}V: vote  Login\n{options}V: 12 a\n")
    assert (names(found), ballots(found)) == (["Ann", "Bo"], {"Ann>Bo": 1})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nothing\n", "no line holds a vote"),
        ("V: 12\nV: 12\nV: 123\n", "line 3: '123' has 3 marks for 2 options"),
        ("V: 1?\n", r"line 1: '\?' is no rank"),
        ("Option 1->: A\nOption 2->: B\nV: 1 2\n", "line 3: '1' has 1 marks for 2 options"),
    ],
)
def test_a_wrong_tally_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(WrongFile, match=why):
        election(tmp_path, "x.txt", text)


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="must end in"):
        election(tmp_path, "x.xlsx", "")


def test_odd_separators_inside_a_name_do_not_end_a_line(tmp_path: Path) -> None:
    text = PB.format(kind="approval", votes="1;;7\n").replace("Trees", "Trees\u2028and\x0cmore").replace("\n", "\r\n")
    assert ballots(election(tmp_path, "x.pb", text)) == {"7": 1}
    assert names(election(tmp_path, "x.blt", "1 1\r1 1 0\r0\rAnn\u2028Lee\r")) == ["Ann\u2028Lee"]
