"""What an outsider's program finds in a bundle: nothing in a true one, and each thing done to a false one."""

import json
import random
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench import verifying
from consult.voting import closing, evidence
from consult.voting.casting import Receipt, cast, replace
from consult.voting.hashing import canonical_json, entry_hash, sha256
from consult.voting.methods.ballots import canonical
from consult.voting.methods.registry import count
from consult.voting.methods.rules import Option, Rules
from consult.voting.models import Grade
from consult.voting.verifier import gongyi_verify
from tests.consult.conftest import AT
from tests.consult.voting.conftest import finish

pytestmark = pytest.mark.django_db
PROGRAM = Path(gongyi_verify.__file__)
Files = dict[str, bytes]
#: Made once: what is in a bundle does not hang on the database any more.
_made: dict[str, tuple[Files, Files, Receipt]] = {}


@pytest.fixture
def make(request: pytest.FixtureRequest) -> Callable[..., tuple[Files, Files, Receipt]]:
    """Return a function that gives a counted poll's published files, its full ballots, and one voter's receipt."""

    def made(grade: str = Grade.PUBLIC) -> tuple[Files, Files, Receipt]:
        if grade not in _made:
            people = request.getfixturevalue("voters")(46)
            poll = request.getfixturevalue("open_poll")(grade=grade)
            receipts = [
                cast(poll=poll, person=each, content={"choices": ["park" if n % 3 else "road"]}, at=AT)
                for n, each in enumerate(people)
            ]
            closing.publish_batches(at=AT)
            changed = replace(
                poll=poll, person=people[0], receipt=receipts[0].shown, content={"choices": ["bus"]}, at=AT
            )
            finish(poll)
            _made[grade] = evidence.published(poll), evidence.files(poll, full=True), changed
        files, full, receipt = _made[grade]
        return dict(files), dict(full), receipt

    return made


@pytest.fixture
def verify(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the program on files as a voter at home does, isolated from everything of ours."""

    def run(files: Files, *options: str, **given: Any) -> subprocess.CompletedProcess[str]:
        bundle = tmp_path / "bundle.zip"
        with zipfile.ZipFile(bundle, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        for name, value in given.items():
            (tmp_path / name).write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
            options += (f"--{name}", str(tmp_path / name))
        command = [sys.executable, "-I", str(PROGRAM), str(bundle), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    return run


def changed(files: Files, name: str, change: Callable[[Any], Any]) -> Files:
    """Return the files with one of them changed."""
    data = json.loads(files[name])
    return files | {name: canonical_json(change(data) or data)}


def resigned(files: Files) -> Files:
    """Return the files with a chain that names them as they are now, signed with a key of the forger's own."""
    key = Ed25519PrivateKey.from_private_bytes(b"f" * 32)
    chain, previous = json.loads(files["chain.json"]), "0" * 64
    for number, entry in enumerate(chain, 1):
        if entry["kind"] == "opened":
            entry["content"]["public_key"] = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
            entry["content"]["rules_hash"] = sha256(files["rules.json"])
        if entry["kind"] == "bundle":
            entry["content"]["files"] = {name: sha256(files[name]) for name in entry["content"]["files"]}
        if entry["kind"] == "result":
            entry["content"]["result"] = sha256(files["result.json"])
        entry["number"], entry["previous"] = number, previous
        previous = entry["hash"] = entry_hash(previous, number, entry["kind"], entry["content"])
        entry["signature"] = key.sign(bytes.fromhex(previous)).hex()
    return files | {"chain.json": canonical_json(chain)}


def flip(data: Any) -> None:
    ballot = next(each for each in data["ballots"] if each["content"] == {"choices": ["park"]})
    ballot["content"] = {"choices": ["road"]}


def add(data: Any) -> None:
    data["ballots"].append({"commitment": "ab" * 32, "batch": 1, "content": {"choices": ["bus"]}})


def remove(data: Any) -> None:
    data["ballots"].pop()


def repeat(data: Any) -> None:
    data["ballots"][0] = data["ballots"][1]


def alter_rules(data: Any) -> None:
    data["counting"]["max_choices"] = 2


def more_votes(data: Any) -> None:
    data["outcome"]["totals"]["bus"] += 100


def another_winner(data: Any) -> None:
    data["outcome"]["winners"] = ["bus"]


def lose_batch(data: Any) -> None:
    data.remove(next(entry for entry in data if entry["kind"] == "batch"))


def reorder(data: Any) -> None:
    data[1], data[2] = data[2], data[1]


def another_head(data: Any) -> None:
    closed = next(entry for entry in data if entry["kind"] == "closed")
    closed["hash"] = "cd" * 32


def unsign(data: Any) -> None:
    data[-1]["signature"] = data[0]["signature"]


def fewer_marks(data: Any) -> None:
    next(entry for entry in data if entry["kind"] == "roll-count")["content"]["marks"] = 45


HARM = [
    ("ballots.json", flip, "the ballots read as they were sealed"),
    ("ballots.json", add, "every batch holds exactly its ballots"),
    ("ballots.json", remove, "as many ballots as were sealed"),
    ("ballots.json", repeat, "no ballot is listed twice"),
    ("rules.json", alter_rules, "the rules are those fixed at opening"),
    ("result.json", more_votes, "the recount agrees at every stage"),
    ("result.json", another_winner, "the recount agrees at every stage"),
    ("chain.json", lose_batch, "every entry of the chain follows the one before"),
    ("chain.json", reorder, "every entry of the chain follows the one before"),
    ("chain.json", another_head, "every entry of the chain follows the one before"),
    ("chain.json", unsign, "every entry is signed with the poll's key"),
    ("chain.json", fewer_marks, "no more ballots than people marked"),
]


def test_a_true_bundle_is_verified(make: Any, verify: Any) -> None:
    files, _full, _receipt = make()
    said = verify(files)
    assert (said.returncode, "不符" in said.stdout, said.stderr) == (0, False, ""), said.stdout
    assert "核验通过 / VERIFIED" in said.stdout
    assert "the recount agrees at every stage" in said.stdout


@pytest.mark.parametrize(("name", "harm", "finding"), HARM, ids=[harm.__name__ for _name, harm, _finding in HARM])
def test_what_was_done_to_a_bundle_is_found_and_named(
    make: Any, verify: Any, name: str, harm: Any, finding: str
) -> None:
    files, _full, _receipt = make()
    said = verify(changed(files, name, harm))
    assert (said.returncode, said.stderr) == (1, ""), said.stdout + said.stderr
    assert any("WRONG" in line and finding in line for line in said.stdout.splitlines()), said.stdout


@pytest.mark.parametrize(
    ("name", "harm"),
    [(name, harm) for name, harm, _finding in HARM if name != "chain.json" and harm is not alter_rules],
)
def test_a_new_chain_around_changed_files_does_not_help(make: Any, verify: Any, name: str, harm: Any) -> None:
    files, _full, _receipt = make()
    assert verify(resigned(changed(files, name, harm))).returncode == 1


def test_what_enters_the_chain_after_the_roll_is_counted_is_named(make: Any, verify: Any) -> None:
    files, _full, _receipt = make()

    def move_batch(chain: Any) -> None:
        at = max(at for at, entry in enumerate(chain) if entry["kind"] == "batch")
        chain.insert(at + 1, chain.pop(at))

    def begin_with_another(chain: Any) -> None:
        chain.insert(0, {"kind": "objection", "content": {}})

    for harm in (move_batch, begin_with_another):
        said = verify(resigned(changed(files, "chain.json", harm)))
        wrong = [line for line in said.stdout.splitlines() if "WRONG" in line]
        assert (said.returncode, len(wrong)) == (1, 1), said.stdout
        assert "the chain is complete and in order" in wrong[0]


@pytest.mark.parametrize("points", [None, 10])
def test_a_budget_by_equal_shares_is_counted_again(points: int | None) -> None:
    options = tuple(Option(name, cost=cost) for name, cost in (("a", 33), ("b", 60), ("c", 40), ("d", 7)))
    rules = Rules("equal-shares", options, budget=100, points=points)
    drawn, tally = random.Random(7), Counter[bytes]()
    for _voter in range(40):
        chosen = sorted(drawn.sample(rules.ids, 2))
        said: Any = {"scores": {name: drawn.randint(1, 5) for name in chosen}} if points else {"choices": chosen}
        tally[canonical(said)] += 1
    seed = b"seed"
    ballots = [(next(iter(json.loads(content).values())), number) for content, number in tally.items()]
    again = gongyi_verify.Recount(json.loads(json.dumps(rules.to_json())), ballots, seed).run()
    assert again == json.loads(json.dumps(count(rules, tally, seed).to_json()))


def test_raises_without_an_end_are_not_followed() -> None:
    rules: Any = Rules("equal-shares", (Option("a", cost=2), Option("b", cost=9)), budget=10).to_json()
    with pytest.raises(ValueError, match="raise_by"):
        gongyi_verify.Recount(rules | {"raise_by": 0}, [(["a"], 1)], b"").run()


def test_a_chain_under_another_key_has_another_head_to_compare(make: Any, verify: Any) -> None:
    files, _full, _receipt = make()
    true, forged = verify(files), verify(resigned(files))
    heads = [next(line for line in said.stdout.splitlines() if "head" in line) for said in (true, forged)]
    keys = [next(line for line in said.stdout.splitlines() if "key " in line) for said in (true, forged)]
    assert heads[0] != heads[1]
    assert keys[0] != keys[1]


def notes(files: Files) -> list[str]:
    return [entry["hash"] for entry in json.loads(files["chain.json"])]


def test_an_observers_note_proves_what_came_before_it(make: Any, verify: Any) -> None:
    files, _full, _receipt = make()
    chain = json.loads(files["chain.json"])
    early, late = chain[1]["hash"], chain[-1]["hash"]
    copied = " ".join(early[at : at + 4] for at in range(0, 64, 4)).upper()
    said = verify(files, "--head", copied, "--head", late, "--key", chain[0]["content"]["public_key"])
    assert said.returncode == 0, said.stdout
    assert said.stdout.count("the head you noted is in the chain") == 2
    assert "the key is the one you noted" in said.stdout


def test_a_bulletin_exchanged_as_a_whole_does_not_have_the_noted_head_and_key(make: Any, verify: Any) -> None:
    files, _full, _receipt = make()
    key = json.loads(files["chain.json"])[0]["content"]["public_key"]
    for note in (("--head", notes(files)[1]), ("--key", key)):
        said = verify(resigned(files), *note)
        assert said.returncode == 1
        assert sum("WRONG" in line for line in said.stdout.splitlines()) == 1, said.stdout


def test_a_head_behind_a_break_proves_nothing(make: Any, verify: Any) -> None:
    files, _full, _receipt = make()
    said = verify(changed(files, "chain.json", fewer_marks), "--head", notes(files)[-1])
    assert any("WRONG" in line and "the head you noted" in line for line in said.stdout.splitlines())


@pytest.mark.parametrize("note", ["", "12", "g" * 64, "0" * 65])
def test_a_note_that_cannot_be_one_is_told_in_one_line(make: Any, verify: Any, note: str) -> None:
    files, _full, _receipt = make()
    said = verify(files, "--head", note)
    assert (said.returncode, len(said.stderr.splitlines())) == (2, 1)


def test_ones_own_ballot_is_found_as_it_was_cast(make: Any, verify: Any) -> None:
    files, _full, receipt = make()
    mine = {"receipt": receipt.shown, "nonce": receipt.nonce, "content": receipt.content}
    said = verify(files, mine=mine)
    assert said.returncode == 0, said.stdout
    assert "your ballot is counted as you cast it" in said.stdout


def test_another_content_than_one_cast_is_not_found(make: Any, verify: Any) -> None:
    files, _full, receipt = make()
    said = verify(files, mine={"receipt": receipt.shown, "nonce": receipt.nonce, "content": {"choices": ["park"]}})
    assert said.returncode == 1
    assert "WRONG  您的选票已照原样计入" in said.stdout


def test_the_auditors_grade_is_recounted_from_the_sealed_file(make: Any, verify: Any) -> None:
    files, full, _receipt = make(Grade.AUDITOR)
    without, with_ = verify(files), verify(files, sealed=full["ballots.json"])
    assert (without.returncode, with_.returncode) == (0, 0), with_.stdout
    assert "no recount" in without.stdout
    assert "the recount agrees at every stage" in with_.stdout
    flipped = changed(full, "ballots.json", flip)["ballots.json"]
    assert verify(files, sealed=flipped).returncode == 1


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b"null", b'{"a": 1.5}', b'{"a": 1, "a": 2}', b"[" * 5000, b'"\xff"', b"9" * 5000],
)
@pytest.mark.parametrize("name", ["chain.json", "ballots.json", "result.json", "rules.json"])
def test_what_cannot_be_read_is_told_in_one_line(make: Any, verify: Any, name: str, broken: bytes) -> None:
    files, _full, _receipt = make()
    said = verify(files | {name: broken})
    assert said.returncode in {1, 2}
    assert "Traceback" not in said.stderr
    assert len(said.stderr.splitlines()) == (said.returncode == 2)


def test_a_bundle_that_unpacks_to_too_much_is_not_unpacked(make: Any, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("chain.json", "w") as file:
        for _megabyte in range(300):
            file.write(b"0" * 1024 * 1024)
    said = subprocess.run([sys.executable, "-I", str(PROGRAM), str(bomb)], capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "unpacks to too much" in said.stderr


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bundle_packed_in_another_way_is_told_in_one_line(make: Any, tmp_path: Path, way: int) -> None:
    files, _full, _receipt = make()
    bundle = tmp_path / "bundle.zip"
    with zipfile.ZipFile(bundle, "w", way) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    spoilt = bytearray(bundle.read_bytes())
    spoilt[60:80] = bytes(20)
    bundle.write_bytes(spoilt)
    command = [sys.executable, "-I", str(PROGRAM), str(bundle)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, len(said.stderr.splitlines())) == (2, 1), said.stderr


def test_whether_assisted_ballots_decided_is_counted_again(request: pytest.FixtureRequest, verify: Any) -> None:
    people, poll = request.getfixturevalue("voters")(43), request.getfixturevalue("open_poll")()
    for number, each in enumerate(people):
        content = {"choices": ["park" if number < 21 else "road"]}
        cast(poll=poll, person=each, content=content, at=AT, channel="station", assisted=number >= 21)
    finish(poll)
    files = evidence.published(poll)
    assert verify(files).returncode == 0
    line = "whether assisted ballots decided it agrees with the recount"
    assert line in verify(files).stdout
    denied = resigned(changed(files, "result.json", lambda data: data["assisted"].update(changes=False)))
    said = verify(denied)
    assert said.returncode == 1
    assert any("WRONG" in each and line in each for each in said.stdout.splitlines())


#: RFC 8032, section 7.1: key, public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_signatures_are_those_of_the_standard(public: str, message: str, signature: str) -> None:
    key, said, signed = (bytes.fromhex(text) for text in (public, message, signature))
    assert gongyi_verify.signed(key, said, signed)
    assert not gongyi_verify.signed(key, said + b"!", signed)
    assert not gongyi_verify.signed(key, said, signed[:-1] + bytes([signed[-1] ^ 1]))


def test_the_large_bundle_of_the_bench_is_a_good_one(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(verifying.bundle(90))
    assert gongyi_verify.main([str(tmp_path / "bundle.zip")]) == 0
