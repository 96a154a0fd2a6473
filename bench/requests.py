"""Turning a row into the bytes its clients send."""

import re
import time
import uuid
from collections.abc import Iterator
from html import unescape
from http.client import HTTPConnection
from itertools import count, cycle, islice
from typing import Any
from urllib.parse import quote, urlencode

from bench.rows import Row

TEXTS = (
    "早上六点半这趟能不能提前十分钟？赶不上头一节课。",
    "末班车太早，下夜班的人回不去。",
    "学校门口的站台该搬到马路对面。",
)
HEADERS = ("Accept-Language: zh-CN,zh;q=0.9", "Accept-Encoding: gzip, deflate")  # as every browser has them
COMMENTERS = 60
READING = 4.5  # seconds: a form sent sooner than people can is sent back
_FIELD = re.compile(r"<input\b[^>]*>|<textarea\b[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_serial = count()


class Maker:
    """Makes requests for one running site."""

    def __init__(self, port: int, data: dict[str, Any]) -> None:
        self.port = port
        self.data = data
        self._pairs: Iterator[tuple[str, str]] | None = None
        self._voters: Iterator[tuple[str, str]] | None = None
        self._forms: dict[str, tuple[dict[str, str], str]] = {}
        self._opened = float("-inf")

    def links(self, row: Row, connections: int, seconds: float, expected: float) -> list[list[bytes]]:
        """Return the requests of each connection: a few to repeat, or for acts enough to last ``seconds``."""
        if not row.act:
            path = quote(row.path.format(**self.data), safe="/?=&")
            cookies = [f"sessionid={key}" for key in self.data[row.who][:40]] if row.who else [""]
            made = [self.get(path, cookie) for cookie in cookies]
            return [made[n:] + made[:n] for n in range(connections)]
        needed = int(expected * seconds * 1.5) + 20
        each = -(-needed // connections)
        acts = getattr(self, f"_{row.act.replace('-', '_')}")(row)
        prepared = [list(islice(acts, each)) for _ in range(connections)]
        time.sleep(max(0.0, self._opened + READING - time.monotonic()))
        return prepared

    def get(self, path: str, cookie: str = "") -> bytes:
        """Return a request for a page."""
        lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{self.port}", *HEADERS]
        return "\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "", ""]).encode()

    def post(self, path: str, fields: dict[str, str], cookie: str) -> bytes:
        """Return a sent form."""
        body = urlencode(fields).encode()
        lines = [
            f"POST {path} HTTP/1.1", f"Host: localhost:{self.port}", *HEADERS, f"Cookie: {cookie}",
            "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", "",
        ]  # fmt: skip
        return "\r\n".join(lines).encode() + body

    def _comment(self, row: Row) -> Iterator[bytes]:
        """Yield comments by some people in turn, each into the form they were shown."""
        path = row.path.format(**self.data)
        for key in cycle(self.data["residents"][:COMMENTERS]):
            fields, cookie = self._form(path, f"sessionid={key}")
            words = f"{TEXTS[next(_serial) % len(TEXTS)]}（{next(_serial)}）"
            yield self.post(path, fields | {"text": words, "submission": str(uuid.uuid4())}, cookie)

    def _support(self, row: Row) -> Iterator[bytes]:
        """Yield supports that are new: each person and contribution once in the whole run."""
        if self._pairs is None:
            self._pairs = ((key, path) for path in self.data["support"] for key in self.data["residents"])
        token = "t" * 32
        for key, path in self._pairs:
            cookie = f"sessionid={key}; csrftoken={token}"
            yield self.post(path, {"on": "1", "csrfmiddlewaretoken": token}, cookie)

    def _ballot(self, row: Row) -> Iterator[bytes]:
        """Yield casts of people who have not voted: each person once in each poll in the whole run."""
        if self._voters is None:
            self._voters = ((key, path) for path in self.data["polls"] for key in self.data[row.who])
        token = "t" * 32
        for key, path in self._voters:
            cookie = f"sessionid={key}; csrftoken={token}"
            choice = self.data["choices"][next(_serial) % len(self.data["choices"])]
            yield self.post(path, {"choice": choice, "cast": "1", "csrfmiddlewaretoken": token}, cookie)

    def _sign_in(self, row: Row) -> Iterator[bytes]:
        """Yield sign-ins."""
        fields, cookie = self._form(row.path, "")
        for email in cycle(self.data["emails"]):
            yield self.post(row.path, fields | {"login": email, "password": self.data["password"]}, cookie)

    def _form(self, path: str, cookie: str) -> tuple[dict[str, str], str]:
        """Return a form's fields as they stand on the page, and the cookies to send with it."""
        key = f"{path} {cookie}"
        if key not in self._forms:
            connection = HTTPConnection("127.0.0.1", self.port)
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}", "Cookie": cookie})
            answer = connection.getresponse()
            page = answer.read().decode()
            given = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
            connection.close()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
            self._forms[key] = fields_of(page), "; ".join([*([cookie] if cookie else []), *given])
            self._opened = time.monotonic()
        return self._forms[key]


def fields_of(page: str) -> dict[str, str]:
    """Return the named fields of the page's longest form that is sent by POST, with their values."""
    forms = [form for form in re.findall(r"<form\b.*?</form>", page, re.DOTALL) if 'method="post"' in form]
    form = max(forms, key=lambda form: len(_FIELD.findall(form)))
    fields = {}
    for tag in _FIELD.findall(form):
        attributes = dict(_ATTRIBUTE.findall(tag))
        if attributes.get("type") in {"checkbox", "radio"} and " checked" not in tag:
            continue
        if "name" in attributes:
            fields[attributes["name"]] = unescape(attributes.get("value", ""))
    return fields
