"""Hostile inputs: what strangers type, and what no browser would send.  Everything comes from one random source."""

import random
from dataclasses import dataclass
from urllib.parse import quote_plus

MARK = "data-fuzz"
#: Left in the page's window when a stored script ran.
FIRED = "__fuzz_fired"
SCRIPTS = (
    f"<script {MARK}>window.{FIRED}=1;alert(1)</script>",
    f'"><script {MARK}>window.{FIRED}=1</script>',
    f'\'><img {MARK} src=x onerror="window.{FIRED}=1;alert(1)">',
    f'<svg {MARK} onload="window.{FIRED}=1">',
    f"</textarea><script {MARK}>window.{FIRED}=1</script>",
    f'</title><iframe {MARK} srcdoc="<script>parent.{FIRED}=1</script>">',
    f'<a {MARK} href="javascript:window.{FIRED}=1">x</a>',
    f"javascript:window.{FIRED}=1//",
    f'" {MARK} autofocus onfocus="window.{FIRED}=1',
    f"{{{{constructor.constructor('window.{FIRED}=1')()}}}}",
    "{% load static %}{{ request }}{{ settings.SECRET_KEY }}",
    f"<div {MARK} hx-get='/' hx-trigger='load' hx-on:load='window.{FIRED}=1'>",
    f"<meta {MARK} http-equiv=refresh content='0;url=javascript:1'>",
    f"<style {MARK}>*{{display:none}}</style>",
)
TEXTS = (
    "", " ", "\x00", "a\x00b", "\x1b[31m", "\u202e倒过来\u202c", "\u200b\u200d\ufeff", "\u0600" * 30, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍",
    "％００", "''\"\"\\\\", "' OR 1=1 --", "'; DROP TABLE civic_people_person; --", "$(id)", "`id`", "%s%n%x", "%(id)s", "{0}{x}",
    "../../../etc/passwd", "..\\..\\win.ini", "/etc/passwd\x00.jpg", "file:///etc/passwd", "http://169.254.169.254/", "//evil.example",
    "=cmd|'/c calc'!A1", "@SUM(1)", "٣", "²", "１２", "½", "∞", "NaN", "-0", "1e309", "0x10", "0b1", "true", "null", "None", "undefined",
    "[]", "{}", "-1", "0", "9" * 19, "9" * 400, "-" + "9" * 30, "2147483648", "9223372036854775808", "1.5", "1,5", " 1 ",
    "0000-00-00", "2026-02-30", "99999-01-01", "2026-11-29T25:61", "T", "12:00", "0001-01-01T00:00", "9999-12-31T23:59",
    "00000000-0000-0000-0000-000000000000", "not-a-uuid", "é" * 300, "\U0001f9d1\u200d\U0001f33e" * 40, "\ud7ff\ue000\uffff", "a@b", "@", "a" * 250 + "@b.example",
    "x@" + "b." * 120 + "c", "138" * 20, "+86" * 9, "\r\n\r\nHTTP/1.1 200 OK", "a\r\nSet-Cookie: x=1", "\t", "\u2028\u2029",
)  # fmt: skip
LONG = 120_000
#: Bytes that are no text: lone surrogates, cut characters, overlong forms, bare bytes.
RAW = (
    b"\xed\xa0\x80", b"\xed\xb2\x80\xed\xa0\xbd", b"\xff\xfe", b"\xc0\xaf", b"\xe4\xb8", b"\xf8\x88\x80\x80\x80", b"\x80" * 50,
    b"%ED%A0%80", b"%FF%FE", b"%C0%AE%C0%AE%2F", b"%00", b"%", b"%zz", b"%u0041", b"\xa1\xa1\xb9\xab",
)  # fmt: skip
CONTENT_TYPES = (
    "", "text/plain", "application/json", "application/xml", "multipart/form-data", "multipart/form-data; boundary=",
    "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded; charset=no-such", "image/svg+xml",
    "multipart/form-data; boundary=" + "x" * 300, "\u0000".encode().decode("latin-1"), "multipart/mixed; boundary=b",
)  # fmt: skip


@dataclass(frozen=True)
class Message:
    """What is sent: its type and its bytes."""

    content_type: str
    body: bytes


def value(rng: random.Random) -> str:
    """Return one hostile text."""
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(SCRIPTS)
    if kind < 0.85:
        return rng.choice(TEXTS)
    if kind < 0.9:
        return rng.choice("长x\u200b<") * rng.randint(1_000, LONG)
    return "".join(
        chr(rng.choice((rng.randint(0, 0x7F), rng.randint(0x80, 0xD7FF), rng.randint(0xE000, 0x10FFFF))))
        for _ in range(40)
    )


def part(rng: random.Random) -> bytes:
    """Return one hostile value as it stands in an address or a form: sometimes no text at all."""
    return rng.choice(RAW) if rng.random() < 0.2 else quote_plus(value(rng)).encode()


def query(rng: random.Random, names: list[str]) -> bytes:
    """Return a query string that bends some of these names, doubles some, and invents some."""
    pairs = []
    for _ in range(rng.randint(1, 4)):
        name = rng.choice(names).encode() if rng.random() < 0.9 else part(rng)[:300]
        name += rng.choice((b"", b"", b"", b"", b"[]", b"[0]", b"[a][b]", b".x", b"__gt"))
        pairs.append(name + b"=" + part(rng)[:4_000])
        if rng.random() < 0.1:
            pairs.append(pairs[-1])
    return b"&".join(pairs)[:7_000]


def message(rng: random.Random, fields: dict[str, str], *, keep: dict[str, str]) -> Message:
    """Return a form with some of its fields bent; ``keep`` (the form's token) stays as it is."""
    sent = [(name, quote_plus(content).encode()) for name, content in fields.items() if rng.random() < 0.93]
    names = [name for name, _content in sent]
    for name in rng.sample(names, min(len(names), rng.choice((1, 1, 1, 2, 3, len(names))))):
        sent[names.index(name)] = (name, part(rng))
    if names and rng.random() < 0.1:
        sent += [(rng.choice(names) + rng.choice(("", "[]", "[0]")), part(rng)) for _ in range(3)]
    if rng.random() < 0.05:
        sent += [(f"extra{n}", b"x") for n in range(rng.choice((50, 1_200)))]
    kept = [(name, quote_plus(content).encode()) for name, content in keep.items()]
    body = b"&".join(quote_plus(name, errors="replace").encode() + b"=" + content for name, content in kept + sent)
    kind = rng.random()
    if kind < 0.7:
        return Message("application/x-www-form-urlencoded", body)
    if kind < 0.9:
        return _multipart(rng, kept + sent)
    return Message(rng.choice(CONTENT_TYPES), body)


def _multipart(rng: random.Random, pairs: list[tuple[str, bytes]]) -> Message:
    """Return a form in parts, often with a broken boundary, head or end, or a file where none belongs."""
    boundary = b"----fuzz"
    lines = []
    for name, content in pairs:
        head = b'Content-Disposition: form-data; name="' + name.encode("utf-8", "replace") + b'"'
        if rng.random() < 0.15:
            head += (
                b'; filename="'
                + rng.choice((b"a.svg", b"../../x.html", b"\xff.pdf", b"", b"a\x00.jpg", b"x" * 400))
                + b'"'
            )
            head += b"\r\nContent-Type: " + rng.choice((b"image/svg+xml", b"text/html", b"x", b"image/png"))
        if rng.random() < 0.05:
            head += rng.choice(
                (b"\r\nContent-Transfer-Encoding: base64", b"\r\n\xff: x", b"\r\nContent-Type: text/plain; charset=x")
            )
        lines.append(b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n")
    body = b"".join(lines) + b"--" + boundary + b"--\r\n"
    if rng.random() < 0.3:
        body = body[: rng.randint(0, len(body))]
    return Message(f"multipart/form-data; boundary={boundary.decode()}", body)
