#!/usr/bin/env python3
"""Verify and recount the bundle of a poll, off line:

    python3 gongyi_verify.py BUNDLE [--head HASH] [--key KEY] [--mine FILE] [--sealed FILE]

--head HASH    a head of the bulletin you noted or were sent while people voted: nothing up to it was changed
--key KEY      the poll's public key, as you noted it
--mine FILE    the file of your own ballot
--sealed FILE  the auditor's copy of all ballots
Python 3.9 or later and nothing else.  The counting here is written anew, apart from the site's own, and all of
it stands in this one file on purpose: what a stranger downloads and reads is all there is to trust.
Exit 0: all is right.  1: something is wrong, and it is said what.  2: the input cannot be read.
离线核验并复核计票：只需 Python 3.9 以上。退出码 0 一切相符；1 有不符之处；2 文件无法读取。
--head 后面写您在投票期间抄下或收到的链首，--key 写公钥，--mine 写自己的选票文件，--sealed 写核验人的封存文件。
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zipfile
import zlib
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NoReturn

LARGEST = 256 * 1024 * 1024
NAMES = ("rules.json", "chain.json", "ballots.json", "replaced.json", "turnout.json", "result.json")
Json = dict[str, Any]
Files = dict[str, bytes]
Point = tuple[int, int, int, int]
Bought = tuple[str, list[str], int, Fraction, Fraction]  # name, of which at the same price, payers, most paid, price
BUDGETS = ("greedy-skip", "greedy-stop", "greedy-minimum", "equal-shares")
RANKED = ("irv", "stv", "schulze")


class Unreadable(Exception):
    """The input is not what a bundle is."""


# ---- reading ----


def _no_float(text: str) -> NoReturn:
    raise Unreadable("a number that is not whole / 出现非整数：" + text[:20])


def _whole(text: str) -> int:
    if len(text) > 30:
        raise Unreadable("a number that is too long / 数字过长")
    return int(text)


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("a name stands twice in one object / 同一对象中名称重复")
    return found


def from_json(data: bytes) -> Any:
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_float=_no_float,
            parse_int=_whole,
            parse_constant=_no_float,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON / 不是 JSON 文件：" + type(error).__name__) from None


def read_file(path: str) -> bytes:
    try:
        if os.path.getsize(path) > LARGEST:
            raise Unreadable("the file is too large / 文件过大")
        with open(path, "rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(str(error.strerror)) from None


def read_bundle(path: str) -> Files:
    """Return the six files of a bundle, whatever else it holds left alone."""
    found = {}
    try:
        if os.path.getsize(path) > LARGEST:
            raise Unreadable("the bundle is too large / 核验包过大")
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > 50 or sum(info.file_size for info in infos) > LARGEST:
                raise Unreadable("the bundle unpacks to too much / 核验包解压后过大")
            for info in infos:
                if info.filename not in NAMES:
                    continue
                if info.filename in found:
                    raise Unreadable("twice in the bundle / 核验包内重复：" + info.filename)
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise Unreadable("packed in another way than ours / 压缩方式不符：" + info.filename)
                with archive.open(info) as file:
                    found[info.filename] = file.read(info.file_size + 1)
                if len(found[info.filename]) != info.file_size:
                    raise Unreadable("a false size / 大小不实：" + info.filename)
    # zipfile has no one error for "no zip": RuntimeError is a member that is encrypted or of a later version of the
    # format, EOFError and zlib.error one that breaks off, ValueError a name or size out of bounds.
    except (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise Unreadable("not a bundle / 不是核验包：" + type(error).__name__) from None
    for name in NAMES:
        if name not in found:
            raise Unreadable("missing / 缺少：" + name)
    return found


# ---- hashes and signatures ----


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def merkle(leaves: Iterable[bytes]) -> str:
    level = [sha(b"\x00" + leaf) for leaf in sorted(leaves)]
    if not level:
        return sha(b"").hex()
    while len(level) > 1:
        upper = []
        for at in range(0, len(level), 2):
            upper.append(sha(b"\x01" + level[at] + level[at + 1]) if at + 1 < len(level) else level[at])
        level = upper
    return level[0].hex()


P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _add(one: Point, other: Point) -> Point:
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _double(point: Point) -> Point:
    x, y, z, _t = point
    a, b, c = x * x % P, y * y % P, 2 * z * z % P
    h = a + b
    e, g = h - (x + y) * (x + y) % P, a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def _point(data: bytes) -> Point | None:
    """Return the point these 32 bytes write (RFC 8032, 5.1.3), or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


_base = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
assert _base is not None
BASE: Point = _base


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is this key's (RFC 8032, 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, s = _point(public), int.from_bytes(signature[32:], "little")
    if key is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    minus = (P - key[0], key[1], 1, P - key[3])
    both = _add(BASE, minus)
    sum_ = (0, 1, 1, 0)
    for bit in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        sum_ = _double(sum_)
        if s >> bit & 1:
            sum_ = _add(sum_, both if k >> bit & 1 else BASE)
        elif k >> bit & 1:
            sum_ = _add(sum_, minus)
    inverse = pow(sum_[2], P - 2, P)
    x, y = sum_[0] * inverse % P, sum_[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# ---- ballots ----


def fault_of(rules: Json, content: Any) -> str | None:
    """Return what makes a ballot invalid under the rules, or None."""
    if not isinstance(content, dict) or len(content) != 1:
        return "shape"
    method, (key, value) = rules["method"], next(iter(content.items()))
    known = {option["id"] for option in rules["options"]}
    points = rules.get("points") if method in BUDGETS else None
    in_points = method == "score" or points is not None
    if key != ("ranking" if method in RANKED else "scores" if in_points else "choices"):
        return "shape"
    if not isinstance(value, dict if key == "scores" else list):
        return "shape"
    if key == "ranking":
        if any(not isinstance(group, list) or not group for group in value):
            return "shape"
        named = [option for group in value for option in group]
    else:
        named = list(value)
    if any(not isinstance(option, str) for option in named):
        return "shape"
    if not known.issuperset(named):
        return "unknown-option"
    if len(set(named)) < len(named):
        return "twice"
    if points is not None:
        if any(type(given) is not int or given < 1 for given in value.values()):
            return "score-range"
        return "too-many" if sum(value.values()) > points else None
    if key == "scores":
        fit = all(type(points) is int and 0 <= points <= rules["max_score"] for points in value.values())
        return None if fit else "score-range"
    if key == "ranking" and method != "schulze" and any(len(group) > 1 for group in value):
        return "tie"
    most = 1 if method == "yes-no" else rules["max_choices"]
    if method == "choose" and most is None:
        most = 1
    if most is not None and len(named) > most:
        return "too-many"
    if method in BUDGETS and rules["ballot_within_budget"] and rules["budget"] is not None:
        cost = {option["id"]: option["cost"] or 0 for option in rules["options"]}
        if sum(cost[option] for option in named) > rules["budget"]:
            return "over-budget"
    ordered = sorted(value) if key == "choices" else [sorted(group) for group in value]
    return None if ordered == value else "shape"


# ---- counting ----


def pair(value: Fraction) -> list[int]:
    return [value.numerator, value.denominator]


def decimals(value: Fraction) -> str:
    parts = value.numerator * 100000 // value.denominator
    return "%d.%05d" % divmod(parts, 100000)


class Recount:
    """A second count.  ``ballots`` is a list of (content's value, number)."""

    def __init__(self, rules: Json, ballots: list[tuple[Any, int]], seed: bytes) -> None:
        self.rules, self.seed = rules, seed
        self.ids = [option["id"] for option in rules["options"]]
        self.cost = {option["id"]: option["cost"] for option in rules["options"]}
        self.said = [(value, number) for value, number in ballots if value]
        self.valid = sum(number for _value, number in self.said)
        self.blank = sum(number for value, number in ballots if not value)
        self.stages: list[Json] = []
        self.ties: list[Json] = []
        self.winners: list[str] = []
        self.extra: Json = {}
        # who supports a project, each with their points; a tick is one
        self.behind: dict[str, list[tuple[int, int]]] = {name: [] for name in self.ids}
        self.totals: Json = dict.fromkeys(self.ids, 0)

    def run(self) -> Json:
        method = self.rules["method"]
        {
            "yes-no": self.yes_no,
            "choose": self.most,
            "approval": self.most,
            "score": self.score,
            "irv": self.irv,
            "stv": self.stv,
            "schulze": self.schulze,
            "equal-shares": self.equal_shares,
        }.get(method, self.greedy)()
        return {
            "method": method,
            "valid": self.valid,
            "blank": self.blank,
            "winners": self.winners,
            "totals": self.totals,
            "stages": self.stages,
            "ties": self.ties,
            "extra": self.extra,
        }

    def lot(self, stage: int, tied: Iterable[str]) -> list[str]:
        return sorted(tied, key=lambda name: sha(self.seed + ("|%d|%s" % (stage, name)).encode()))

    def tie(
        self, stage: int, about: str, between: Iterable[str], order: Iterable[str], by: str = "lot",
        earlier: int | None = None,
    ) -> None:  # fmt: skip
        self.ties.append(
            {
                "stage": stage,
                "about": about,
                "between": list(between),
                "order": list(order),
                "by": by,
                "earlier": earlier,
            }
        )

    def stage(self, totals: Json, elected: Iterable[str] = (), excluded: Iterable[str] = (), **detail: Any) -> None:
        self.stages.append(
            {
                "number": len(self.stages) + 1,
                "totals": dict(totals),
                "elected": list(elected),
                "excluded": list(excluded),
                "detail": detail,
            }
        )

    def add_up(self) -> None:
        for value, number in self.said:
            for name in value:
                self.totals[name] += number * (value[name] if isinstance(value, dict) else 1)

    def best(self, values: dict[str, Any]) -> list[str]:
        """Return the first ``seats`` by value; a lot decides at the edge."""
        seats, ranked = self.rules["seats"], sorted(values, key=lambda name: (-values[name], self.ids.index(name)))
        if len(ranked) > seats and values[ranked[seats - 1]] == values[ranked[seats]]:
            edge = values[ranked[seats]]
            tied = [name for name in ranked if values[name] == edge]
            order = self.lot(1, tied)
            self.tie(1, "elect", tied, order)
            ranked = [name for name in ranked if values[name] > edge] + order
        return ranked[:seats]

    def yes_no(self) -> None:
        self.add_up()
        yes, no = self.totals["yes"], self.totals["no"]
        if self.valid:
            self.winners = ["yes" if yes > no else "no"]
        self.extra = {"equal": yes == no}
        self.stage(self.totals, self.winners)

    def most(self) -> None:
        self.add_up()
        if self.valid:
            self.winners = self.best(self.totals)
        self.stage(self.totals, self.winners)

    def score(self) -> None:
        given: dict[str, list[tuple[int, int]]] = {name: [] for name in self.ids}
        for value, number in self.said:
            for name, points in value.items():
                given[name].append((points, number))
        tables, means, medians, scored = {}, {}, {}, {}
        for name in self.ids:
            table: dict[int, int] = {}
            for points, number in given[name]:
                table[points] = table.get(points, 0) + number
            tables[name], size = table, sum(table.values())
            scored[name] = size
            self.totals[name] = sum(points * number for points, number in table.items())
            if size:
                row = [points for points in sorted(table) for _each in range(table[points])]
                means[name] = Fraction(self.totals[name], size)
                medians[name] = Fraction(row[(size - 1) // 2] + row[size // 2], 2)
        values = medians if self.rules["score_by"] == "median" else means
        enough = Fraction(*self.rules["scored_by"]) * self.valid
        running = {name: value for name, value in values.items() if scored[name] >= enough} or values
        if running:
            self.winners = self.best(running)
        self.extra = {
            "scored": scored,
            "mean": {name: pair(value) for name, value in means.items()},
            "median": {name: pair(value) for name, value in medians.items()},
            "scores": {
                name: {str(points): table[points] for points in sorted(table)} for name, table in tables.items()
            },
            "too_few": sorted(set(values) - set(running)),
        }
        self.stage(self.totals, self.winners)

    def one_of(self, tied: list[str], history: list[dict[str, int]], about: str) -> str:
        """Return whom it falls on: the highest for a transfer, else the lowest, looking back, then by lot."""
        if len(tied) == 1:
            return tied[0]
        pick = max if about == "transfer" else min
        left, earlier, now = list(tied), None, len(history)
        for number in range(now - 1, 0, -1):
            edge = pick(history[number - 1][name] for name in left)
            kept = [name for name in left if history[number - 1][name] == edge]
            if len(kept) < len(left):
                left, earlier = kept, number
        by = "earlier-stage" if len(left) == 1 else "lot"
        drawn = left if len(left) == 1 else self.lot(now, left)
        fallen = drawn[0] if about == "transfer" else drawn[-1]
        rest = [name for name in tied if name != fallen]
        self.tie(now, about, tied, [fallen] + rest if about == "transfer" else rest + [fallen], by, earlier)
        return fallen

    def irv(self) -> None:
        rankings = [([group[0] for group in value], number) for value, number in self.said]
        running, history = list(self.ids), []
        while self.valid and not self.winners:
            totals = dict.fromkeys(running, 0)
            counting = 0
            for ranking, number in rankings:
                for name in ranking:
                    if name in totals:
                        totals[name] += number
                        counting += number
                        break
            history.append(totals)
            exhausted = self.valid + self.blank - counting
            top = max(running, key=lambda name: totals[name])
            if len(running) == 1 or totals[top] * 2 > counting:
                self.winners = [top]
                self.stage(totals, self.winners, exhausted=exhausted)
                break
            least = min(totals.values())
            loser = self.one_of([name for name in running if totals[name] == least], history, "exclude")
            running.remove(loser)
            if len(running) == 1:
                self.winners = list(running)
            self.stage(totals, self.winners, [loser], exhausted=exhausted)
        if history:
            self.totals = history[0]

    def stv(self) -> None:
        seats, unit = self.rules["seats"], 100000
        quota = self.valid // (seats + 1) + 1
        self.extra = {"quota": quota, "seats": seats}
        # rest of the ranking, value, number
        held: dict[str, list[tuple[list[str], int, int]]] = {name: [] for name in self.ids}
        for value, number in self.said:
            held[value[0][0]].append(([group[0] for group in value[1:]], unit, number))
        votes = {name: sum(value * number for _rest, value, number in held[name]) for name in self.ids}
        running = list(self.ids)
        elected: list[str] = []
        surpluses: list[str] = []
        history: list[dict[str, int]] = []

        def order(name: str) -> tuple[list[int], int]:
            return [-totals[name] for totals in reversed(history)], self.ids.index(name)

        def text(amount: int) -> str:
            return decimals(Fraction(amount, unit))

        def finish(excluded: Iterable[str] = (), **detail: Any) -> None:
            history.append(dict(votes))
            new = sorted((name for name in running if votes[name] >= quota * unit), key=order)
            surpluses.extend(name for name in new if votes[name] > quota * unit)
            running[:] = [name for name in running if name not in new]
            if 0 < seats - len(elected) - len(new) and len(running) <= seats - len(elected) - len(new):
                new += sorted(running, key=order)
                running[:] = []
            elected.extend(new)
            detail["not_transferable"] = text(self.valid * unit - sum(votes.values()))
            self.stage({name: text(votes[name]) for name in self.ids}, new, excluded, **detail)

        def pass_on(giver: str, part: int, whole: int) -> None:
            parcels, held[giver] = held[giver], []
            for rest, value, number in parcels:
                for at, name in enumerate(rest):
                    if name in running:
                        held[name].append((rest[at + 1 :], part * value // whole, number))
                        votes[name] += part * value // whole * number
                        break

        if self.valid:
            finish(transfer="first")
        while self.valid and len(elected) < seats and running:
            if surpluses:
                most = max(votes[name] for name in surpluses)
                giver = self.one_of([name for name in surpluses if votes[name] == most], history, "transfer")
                surpluses.remove(giver)
                total, surplus = votes[giver], votes[giver] - quota * unit
                pass_on(giver, surplus, total)
                votes[giver] = quota * unit
                finish(**{"transfer": "surplus", "from": giver, "surplus": text(surplus)})
            else:
                least = min(votes[name] for name in running)
                loser = self.one_of([name for name in running if votes[name] == least], history, "exclude")
                running.remove(loser)
                pass_on(loser, 1, 1)
                votes[loser] = 0
                finish([loser], **{"transfer": "exclusion", "from": loser})
        self.winners = elected
        self.totals = dict(self.stages[0]["totals"]) if self.valid else {name: text(0) for name in self.ids}

    def schulze(self) -> None:
        ids, rules = self.ids, self.rules
        above = {name: dict.fromkeys(ids, 0) for name in ids}
        for value, number in self.said:
            below = set(ids)
            for group in value:
                below.difference_update(group)
                for name in group:
                    row = above[name]
                    for other in below:
                        row[other] += number
        self.extra = {"options": ids, "pairwise": [[None if a == b else above[a][b] for b in ids] for a in ids]}
        running = list(ids)
        if rules["default"] is not None:
            quorum, majority, dropped, default = [], [], [], rules["default"]
            needed = rules["default_quorum"]
            for option in rules["options"]:
                name = option["id"]
                if name == default:
                    continue
                over, under = above[name][default], above[default][name]
                ratio = Fraction(*(option["over_default"] or [1, 1]))
                enough = needed is None or over >= Fraction(*needed)
                wins = over > under and over >= ratio * under
                quorum.append({"option": name, "over_default": over, "needed": needed, "reached": enough})
                majority.append(
                    {
                        "option": name,
                        "over_default": over,
                        "under_default": under,
                        "ratio": pair(ratio),
                        "reached": wins,
                    }
                )
                if not (enough and wins):
                    dropped.append(name)
            running = [name for name in ids if name not in dropped]
            dropped = [name for name in ids if name in dropped]
            self.extra.update(quorum=quorum, majority=majority, dropped=dropped)
        path = {
            a: {b: (above[a][b], -above[b][a]) if above[a][b] > above[b][a] else (0, 0) for b in running if b != a}
            for a in running
        }
        for c in running:
            for a in running:
                for b in running:
                    if len({a, b, c}) == 3 and path[a][c][0] and path[c][b][0]:
                        path[a][b] = max(path[a][b], min(path[a][c], path[c][b]))
        left, order = list(running), []
        while left:
            best = [a for a in left if not any(path[b][a] > path[a][b] for b in left if b != a)]
            order.append(best)
            left = [name for name in left if name not in best]
        self.extra["paths"] = {a: {b: [path[a][b][0], -path[a][b][1]] for b in running if b != a} for a in running}
        self.extra["order"] = order
        if self.valid:
            drawn = self.lot(1, order[0])
            self.winners = drawn[:1]
            if len(drawn) > 1:
                self.tie(1, "elect", order[0], drawn)
        self.totals = {a: sum(above[a][b] > above[b][a] for b in ids) for a in ids}
        self.stage(self.totals, self.winners, self.extra.get("dropped", ()))

    def greedy(self) -> None:
        self.add_up()
        rules, totals, cost = self.rules, self.totals, self.cost
        stops = rules["method"] == "greedy-stop"
        minimum = (rules["minimum_score"] or 0) if rules["method"] == "greedy-minimum" else 0
        least, left, ended, most = max(minimum, 1), rules["budget"], False, rules["max_projects"]
        for total in sorted(set(totals.values()), reverse=True):
            group = [name for name in self.ids if totals[name] == total]
            room = None if most is None else most - len(self.winners)
            could = [name for name in group if stops or cost[name] <= left]
            short = sum(cost[name] for name in could) > left or (room is not None and len(could) > room)
            fits = any(cost[name] <= left for name in group)
            if len(group) > 1 and not ended and total >= least and short and fits and (room is None or room > 0):
                number = len(self.stages) + 1
                drawn = self.lot(number, group)
                self.tie(number, "fund", group, drawn)
                group = drawn
            for name in group:
                if total < least:
                    why = "below-minimum"
                elif ended:
                    why = "stopped"
                elif most is not None and len(self.winners) >= most:
                    why = "enough-projects"
                elif cost[name] > left:
                    why, ended = "does-not-fit", stops
                else:
                    why, left = "funded", left - cost[name]
                    self.winners.append(name)
                elected = [name] if why == "funded" else []
                self.stage({name: total}, elected, project=name, cost=cost[name], why=why, left=left)
        self.winners.sort()
        self.extra = {"budget": rules["budget"], "cost": rules["budget"] - left, "minimum": minimum}

    def shared(self, wanted: list[str], share: Fraction) -> list[Bought]:
        """Buy with a share each; return what was bought."""
        purse = [share] * len(self.said)
        price = dict.fromkeys(wanted, Fraction(0))  # a bound from below: prices only rise
        bought: list[Bought] = []
        open_ = list(wanted)
        while len(bought) < self.room(wanted):
            tied, lowest = [], None
            for name in sorted(open_, key=lambda each: price[each]):
                if lowest is not None and price[name] > lowest:
                    break
                now = self.price(name, purse)
                if now is None:
                    open_.remove(name)
                    continue
                price[name] = now
                if lowest is None or now < lowest:
                    tied, lowest = [name], now
                elif now == lowest:
                    tied.append(name)
            if lowest is None:
                break
            tied.sort(key=wanted.index)
            name = self.lot(len(bought) + 1, tied)[0]
            open_.remove(name)
            bought.append((name, tied, *self.buy(name, lowest, purse), lowest))
        return bought

    def shared_alike(self, wanted: list[str], share: Fraction, lower: list[Bought]) -> list[Bought] | None:
        """Buy with a larger share what a smaller one bought, if every share between them must buy the same; else None.

        After the same purchases nobody has less left of a larger share, so no price is higher than with a smaller one.
        When every other project costs more here than the one bought cost there, that one is first at every
        share between; several at one price must have exactly that price here too; and what cannot be paid here,
        cannot be paid there.
        """
        purse = [share] * len(self.said)
        price: dict[str, Fraction | None] = dict.fromkeys(wanted, Fraction(0))  # a bound from below, as above
        bought: list[Bought] = []
        for name, tied, _payers, _highest, before in lower:
            for other, known in price.items():
                if known is not None and (known <= before or other == name):
                    price[other] = now = self.price(other, purse)
                    if other not in tied and now is not None and now <= before:
                        return None
            if len(tied) > 1 and any(price[each] != before for each in tied):
                return None
            lowest = price.pop(name)
            if lowest is None:
                return None
            bought.append((name, tied, *self.buy(name, lowest, purse), lowest))
        full = len(bought) >= self.room(wanted)
        return bought if full or all(self.price(name, purse) is None for name in price) else None

    def room(self, wanted: list[str]) -> int:
        """Return how many projects may be bought."""
        most: int | None = self.rules["max_projects"]
        return len(wanted) if most is None else most

    def buy(self, name: str, price: Fraction, purse: list[Fraction]) -> tuple[int, Fraction]:
        """Let those who want a project pay for it; return how many did and the most that one paid."""
        payers, highest = 0, Fraction(0)
        for at, points in self.behind[name]:
            pays = min(purse[at], price * self.cost[name] * points)
            if pays:
                purse[at] -= pays
                payers += self.said[at][1]
                highest = max(highest, pays)
        return payers, highest

    def price(self, name: str, purse: list[Fraction]) -> Fraction | None:
        """Return what a supporter pays at most for each point and unit of cost, or None when they have too little."""
        cost = Fraction(self.cost[name])
        if not cost:
            return Fraction(0)
        groups: dict[tuple[Fraction, int], int] = {}
        for at, points in self.behind[name]:
            held = purse[at], points
            groups[held] = groups.get(held, 0) + self.said[at][1]
        weight = sum(points * number for (amount, points), number in groups.items() if amount)
        for amount, points in sorted(groups, key=lambda held: held[0] / held[1]):
            if not amount:
                continue
            if cost * points <= amount * weight:
                return cost / weight / self.cost[name]
            cost -= amount * groups[amount, points]
            weight -= points * groups[amount, points]
        return None

    def equal_shares(self) -> None:
        self.add_up()
        rules, budget, cost = self.rules, self.rules["budget"], self.cost
        if rules["raise_by"] < 1:
            raise ValueError("raise_by")  # such raises have no end
        for at, (value, _number) in enumerate(self.said):
            for name in value:
                self.behind[name].append((at, value[name] if isinstance(value, dict) else 1))
        least = max(rules["minimum_score"] or 0, 1)
        wanted = [name for name in self.ids if self.totals[name] >= least and cost[name] <= budget]
        bought: list[Bought] = []
        first, raises, share = [], 0, Fraction(0)
        if self.valid:
            share = Fraction(budget, self.valid)
            bought = self.shared(wanted, share)
            first = sorted(each[0] for each in bought)
            leap = 1  # raises at once: more while they change nothing that is bought, which is looked into every time
            while True:
                chosen = {each[0] for each in bought}
                left = budget - sum(cost[name] for name in chosen)
                if len(chosen) >= self.room(wanted) or all(cost[name] > left for name in wanted if name not in chosen):
                    break
                following = self.shared_alike(wanted, share + leap * rules["raise_by"], bought) if leap > 1 else None
                if following is None and leap > 1:
                    leap //= 4
                    continue
                if following is None:
                    leap = 1
                    following = self.shared(wanted, share + rules["raise_by"])
                    if sum(cost[each[0]] for each in following) > budget:
                        break
                share, raises = share + leap * rules["raise_by"], raises + leap
                alike = [each[0] for each in following] == [each[0] for each in bought]
                bought, leap = following, leap * 2 if alike else 1
        left, chosen = budget, {each[0] for each in bought}
        for name, tied, payers, highest, _price in bought:
            left -= cost[name]
            if len(tied) > 1 and not chosen.issuperset(tied):
                number = len(self.stages) + 1
                self.tie(number, "fund", tied, self.lot(number, tied))
            self.stage(
                {name: self.totals[name]},
                [name],
                project=name,
                cost=cost[name],
                supporters=payers,
                most_paid=decimals(highest),
                left=left,
            )
        self.winners = sorted(chosen)
        self.extra = {
            "budget": budget,
            "cost": budget - left,
            "raises": raises,
            "share": decimals(share),
            "without_raises": first,
        }


def verdict(rules: Json, outcome: Json, roll: int) -> Json:
    """Judge an outcome by the poll's thresholds."""
    cast, checks, carried = outcome["valid"] + outcome["blank"], [], None

    def check(name: str, have: int, base: int, needed: Fraction, strictly: bool, reached: bool) -> None:
        checks.append(
            {"name": name, "have": have, "base": base, "needed": pair(needed), "strictly": strictly, "reached": reached}
        )

    if rules["quorum"] is not None:
        share = Fraction(*rules["quorum"])
        check("quorum", cast, roll, share, False, cast >= share * roll)
    if rules["quorum_count"] is not None:
        check("quorum-count", cast, roll, Fraction(rules["quorum_count"]), False, cast >= rules["quorum_count"])
    binding = all(each["reached"] for each in checks)
    question, totals, winners = rules["method"] == "yes-no", outcome["totals"], outcome["winners"]
    if rules["majority"] is not None:
        last = outcome["stages"][-1]["totals"] if rules["method"] == "irv" and outcome["stages"] else totals
        have = totals["yes"] if question else last[winners[0]] if winners else 0
        decided = totals["yes"] + totals["no"] if question else outcome["valid"]
        base = {"decided": decided, "cast": cast, "roll": roll}[rules["majority_of"]]
        share, strictly = Fraction(*rules["majority"]), rules["majority_is"] == "more-than"
        carried = base > 0 and (have > share * base if strictly else have >= share * base)
        check("majority", have, base, share, strictly, carried)
    if question:
        carried = winners == ["yes"] and carried is not False
    return {"binding": binding, "carried": carried, "checks": checks}


def without_assisted(
    rules: Json, ballots: list[Json], batches: list[Json], seed: bytes, roll: int, outcome: Json
) -> Json:
    """Recount without the ballots of the batches named assisted; too few on either side tell nothing."""
    named = {batch["batch"] for batch in batches if batch["group"] == "assisted"}
    rest = [each["content"] for each in ballots if each["batch"] not in named]
    number = len(ballots) - len(rest)
    if min(number, len(rest)) < 10:
        return {"ballots": None, "changes": None}
    tally: dict[bytes, int] = {}
    for content in rest:
        written = canonical(content)
        tally[written] = tally.get(written, 0) + 1
    read = [(next(iter(json.loads(written).values())), times) for written, times in tally.items()]
    other = Recount(rules, read, seed).run()
    decided = []
    for each in (outcome, other):
        judged = verdict(rules, each, roll)
        decided.append((sorted(each["winners"]), judged["binding"], judged["carried"]))
    return {"ballots": number, "changes": decided[0] != decided[1]}


# ---- the checks ----


class Report:
    """One line for each check, in both languages."""

    def __init__(self) -> None:
        self.wrong = 0

    def say(self, right: bool, chinese: str, english: str, detail: Any = "") -> None:
        self.wrong += not right
        mark = "相符 OK   " if right else "不符 WRONG"
        print("%s  %s / %s%s" % (mark, chinese, english, "" if right or not detail else ": " + str(detail)[:300]))


def difference(here: Any, there: Any, where: str = "result") -> str:
    """Return where two JSON values first differ."""
    if type(here) is not type(there):
        return "%s: %r != %r" % (where, there, here)
    if isinstance(here, dict):
        for key in sorted(set(here) | set(there)):
            if key not in here or key not in there:
                return "%s.%s" % (where, key)
            if here[key] != there[key]:
                return difference(here[key], there[key], "%s.%s" % (where, key))
    if isinstance(here, list) and len(here) == len(there):
        for at, (one, other) in enumerate(zip(here, there)):
            if one != other:
                return difference(one, other, "%s[%d]" % (where, at))
    return "%s: %r, recounted %r" % (where, there, here)


def check_chain(report: Report, chain: list[Json]) -> tuple[Json | None, dict[str, list[Json]]]:
    """Check every link and signature; return the contents by kind."""
    kinds: dict[str, list[Json]] = {}
    previous, broken, unsigned = "0" * 64, [], []
    for entry in chain:
        kinds.setdefault(entry["kind"], []).append(entry["content"])
    key = bytes.fromhex(kinds["opened"][0]["public_key"]) if "opened" in kinds else b""
    for number, entry in enumerate(chain, 1):
        link = {"number": entry["number"], "kind": entry["kind"], "content": entry["content"]}
        made = sha(previous.encode() + b"|" + canonical(link)).hex()
        if entry["number"] != number or entry["previous"] != previous or entry["hash"] != made:
            broken.append(number)
        previous = entry["hash"]
        if not signed(key, bytes.fromhex(entry["hash"]), bytes.fromhex(entry["signature"])):
            unsigned.append(number)
    report.say(not broken, "公告链环环相扣", "every entry of the chain follows the one before", broken[:10])
    report.say(not unsigned, "每条公告的签名有效", "every entry is signed with the poll's key", unsigned[:10])
    single = ("opened", "roll-count", "closed", "bundle", "result")
    odd = [kind for kind in single if len(kinds.get(kind, ())) != 1]
    order = [entry["kind"] for entry in chain if entry["kind"] in single]
    # What is cast or added once the roll is counted is no part of this vote.
    counted = [entry["kind"] for entry in chain].index("roll-count") if "roll-count" in kinds else len(chain)
    late = [entry["number"] for entry in chain[counted:] if entry["kind"] in ("batch", "added-to-roll")]
    right = not odd and not late and order == list(single) and chain[0]["kind"] == "opened"
    report.say(right, "公告齐全、次序正确", "the chain is complete and in order", odd or late or order)
    return None if odd else {kind: kinds[kind][0] for kind in single}, kinds


def verify(report: Report, files: Files, sealed: Any) -> Json:
    """Run every check of a bundle; return its data for the voter's own check."""
    data = {name: from_json(files[name]) for name in NAMES}
    chain, ballots, result = data["chain.json"], data["ballots.json"]["ballots"], data["result.json"]
    said, kinds = check_chain(report, chain)
    if chain:
        print("链首 head  %d  %s" % (len(chain), chain[-1]["hash"]))
    if said is None:
        return data
    print("公钥 key   " + said["opened"]["public_key"])
    altered = [name for name in NAMES[:1] + NAMES[2:5] if said["bundle"]["files"].get(name) != sha(files[name]).hex()]
    report.say(not altered, "文件与公告链所记一致", "the files are those the chain names", ", ".join(altered))
    same = said["result"]["result"] == sha(files["result.json"]).hex()
    report.say(same, "公布的结果与公告链所记一致", "the published result is the one the chain names", "result.json")
    same = said["opened"]["rules_hash"] == sha(canonical(data["rules.json"])).hex()
    report.say(same, "规则自投票开始以来未改动", "the rules are those fixed at opening", "rules.json")

    everything = ballots + data["replaced.json"]
    commitments = [each["commitment"] for each in everything]
    repeated = len(commitments) - len(set(commitments))
    report.say(not repeated, "没有重复的选票", "no ballot is listed twice", repeated)
    inside: dict[Any, list[bytes]] = {}
    for each in everything:
        inside.setdefault(each["batch"], []).append(bytes.fromhex(each["commitment"]))
    batches: list[Json] = kinds.get("batch", [])
    odd: list[Any] = []
    for number, batch in enumerate(batches, 1):
        leaves = inside.pop(number, [])
        if batch["batch"] != number or batch["count"] != len(leaves) or batch["root"] != merkle(leaves):
            odd.append(number)
    odd += sorted(map(str, inside))
    report.say(not odd, "各批次选票齐全无增减", "every batch holds exactly its ballots", odd[:10])
    closed = said["closed"]
    fits = (closed["ballots"], closed["replaced"], closed["batches"]) == (
        len(ballots), len(data["replaced.json"]), len(batches),
    )  # fmt: skip
    report.say(fits, "选票张数与封箱公告一致", "as many ballots as were sealed at closing", len(ballots))
    roll = said["opened"]["roll"]["size"] + sum(each["added"] for each in kinds.get("added-to-roll", []))
    marks = said["roll-count"]["marks"]
    report.say(
        len(ballots) <= marks, "选票不多于已投票人数", "no more ballots than people marked", (len(ballots), marks)
    )
    report.say(marks <= roll, "已投票人数不多于名册人数", "no more marks than people on the roll", (marks, roll))
    turnout = data["turnout.json"]
    fits = turnout["marks"] == marks and turnout["roll"] == roll == result["roll"]
    report.say(fits, "投票率数字与公告链一致", "turnout agrees with the chain", (turnout["marks"], turnout["roll"]))

    if sealed is not None:
        full = sealed["ballots"]
        listed = {(each["commitment"], each["batch"]) for each in ballots}
        same = len(full) == len(ballots) and listed == {(each["commitment"], each["batch"]) for each in full}
        report.say(same, "封存文件与公开清单一致", "the sealed file lists the same ballots")
        ballots = full
    rules = data["rules.json"]["counting"]
    if data["ballots.json"]["grade"] != "public" and sealed is None:
        print(
            "说明 NOTE   选票内容封存于核验人处，公众包不能复核计票 / the ballots are sealed with the auditor: no recount"
        )
        outcome = result["outcome"]
    else:
        contents = [canonical(each["content"]) for each in ballots]
        leaves = [sha(each["commitment"].encode() + b"|" + said_) for each, said_ in zip(ballots, contents)]
        report.say(
            merkle(leaves) == closed["ballots_root"], "选票内容与封箱时一致", "the ballots read as they were sealed"
        )
        tally: dict[bytes, int] = {}
        for written in contents:
            tally[written] = tally.get(written, 0) + 1
        read = [(json.loads(written), number) for written, number in tally.items()]
        unfit = [fault for fault in (fault_of(rules, content) for content, _number in read) if fault]
        report.say(not unfit, "每张选票都合乎规则", "every ballot is valid under the rules", unfit[:5])
        if unfit:
            return data
        print("独有选票 unique ballots: %d / %d" % (sum(number == 1 for _each, number in read), len(ballots)))
        seed = bytes.fromhex(next(each["hash"] for each in chain if each["kind"] == "closed"))
        outcome = Recount(rules, [(next(iter(content.values())), number) for content, number in read], seed).run()
        detail = difference(outcome, result["outcome"])
        report.say(outcome == result["outcome"], "复核计票逐轮一致", "the recount agrees at every stage", detail)
        if "assisted" in result:
            told = without_assisted(rules, ballots, batches, seed, roll, outcome)
            report.say(
                told == result["assisted"],
                "代写选票是否左右结果与复核一致",
                "whether assisted ballots decided it agrees with the recount",
                difference(told, result["assisted"]),
            )
    judged = verdict(rules, outcome, roll)
    detail = difference(judged, result["verdict"])
    report.say(judged == result["verdict"], "参与人数与多数要求判定一致", "quorum and majority agree", detail)
    fits = all(said["result"][key] == outcome[key] for key in ("winners", "valid", "blank"))
    report.say(
        fits, "公告的当选项与复核一致", "the announced winners are those of the count", said["result"]["winners"]
    )
    return data


def check_mine(report: Report, data: Json, mine: Json) -> None:
    """Check a voter's saved file: the commitment it makes is listed, and as what."""
    receipt = mine["receipt"].replace("-", "").replace(" ", "").upper()
    poll = next(each["content"]["poll"] for each in data["chain.json"] if each["kind"] == "opened")
    made = sha(("%s|%s|%s|" % (poll, receipt, mine["nonce"])).encode() + canonical(mine["content"])).hex()
    counted = [each for each in data["ballots.json"]["ballots"] if each["commitment"] == made]
    if any(each["commitment"] == made for each in data["replaced.json"]):
        report.say(False, "您的这张选票已被您后来的选票替换", "this ballot of yours was replaced by a later one")
    else:
        right = bool(counted) and all(each.get("content", mine["content"]) == mine["content"] for each in counted)
        report.say(right, "您的选票已照原样计入", "your ballot is counted as you cast it", "not found / 未找到")


def check_notes(report: Report, data: Json, heads: list[str], keys: list[str]) -> None:
    """Check what an observer noted: each head is an entry of this chain, each key is this poll's."""
    chain = data["chain.json"]
    # Only as far as the chain holds together: a head behind a break proves nothing.
    numbers: dict[str, int] = {}
    previous = "0" * 64
    for entry in chain:
        link = {"number": entry["number"], "kind": entry["kind"], "content": entry["content"]}
        made = sha(previous.encode() + b"|" + canonical(link)).hex()
        if (entry["previous"], entry["hash"]) != (previous, made):
            break
        previous = made
        numbers[made] = entry["number"]
    for head in heads:
        number = numbers.get(head)
        if number is not None:
            print("链首 head  %d  %s  / 您抄下的 as you noted" % (number, head))
        report.say(
            number is not None,
            "您抄下的链首仍在公告链中，在它之前的公告都没有改动",
            "the head you noted is in the chain: nothing up to it was changed",
            head,
        )
    public = next((each["content"]["public_key"] for each in chain if each["kind"] == "opened"), "")
    for key in keys:
        report.say(key == public, "公钥与您抄下的一致", "the key is the one you noted", public)


def noted(text: str, what: str) -> str:
    """Return 32 bytes as somebody copied them: blanks, hyphens and capitals do not matter."""
    plain = "".join(text.split()).replace("-", "").lower()
    if len(plain) != 64 or plain.strip("0123456789abcdef"):
        raise Unreadable("%s has 64 signs, 0-9 and a-f / 应为 64 位，只有 0-9 和 a-f" % what)
    return plain


def main(arguments: list[str]) -> int:
    paths: list[str] = []
    options: dict[str, str] = {}
    notes: dict[str, list[str]] = {"--head": [], "--key": []}
    at = 0
    while at < len(arguments):
        if arguments[at] in ("--mine", "--sealed") and at + 1 < len(arguments):
            options[arguments[at]] = arguments[at + 1]
            at += 1
        elif arguments[at] in notes and at + 1 < len(arguments):
            notes[arguments[at]].append(arguments[at + 1])
            at += 1
        else:
            paths.append(arguments[at])
        at += 1
    if len(paths) != 1 or paths[0].startswith("-"):
        usage = "gongyi_verify.py BUNDLE [--head HASH] [--key KEY] [--mine FILE] [--sealed FILE]"
        print("usage 用法: " + usage, file=sys.stderr)
        return 2
    report = Report()
    try:
        heads = [noted(text, "--head") for text in notes["--head"]]
        keys = [noted(text, "--key") for text in notes["--key"]]
        files = read_bundle(paths[0])
        given = {name: from_json(read_file(path)) for name, path in options.items()}
        data = verify(report, files, given.get("--sealed"))
        check_notes(report, data, heads, keys)
        if "--mine" in given:
            check_mine(report, data, given["--mine"])
    except Unreadable as error:
        print("无法读取 cannot be read: %s" % error, file=sys.stderr)
        return 2
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
        RecursionError,
        StopIteration,
    ) as error:
        said = " ".join(str(error).split())[:120]
        print("内容不成形 not shaped as a bundle: %s %s" % (type(error).__name__, said), file=sys.stderr)
        return 2
    except MemoryError:
        print("无法读取 cannot be read: too large / 过大", file=sys.stderr)
        return 2
    print()
    if report.wrong:
        print("核验不通过：%d 项不符 / NOT VERIFIED: %d checks failed" % (report.wrong, report.wrong))
        return 1
    print("核验通过 / VERIFIED")
    return 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
