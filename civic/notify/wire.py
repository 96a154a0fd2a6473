"""Handing something to another machine by HTTP: a deadline, no redirects, a short answer, no way inside."""

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from civic.core.sms import Unavailable

TIMEOUT = 10.0
DEADLINE = 20.0
READ = 2048
# Addresses that carry another one inside: a tunnel to what we would refuse.
_TUNNELS = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


class Forbidden(ValueError):
    """We do not call this address; the message says why, for whoever typed it."""


@dataclass(frozen=True)
class Answer:
    """What the other machine said: status, the beginning of its body, and how long it asked us to wait."""

    status: int
    text: str
    retry_after: str


def check(url: str, *, inside: bool) -> SplitResult:
    """Return the parts of an address we may call in principle; raise ``Forbidden`` otherwise.

    Outside addresses are https, without user name or fragment, and no number of
    a private network; ``inside`` also allows http.  Where a name leads is
    checked when it is called.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise Forbidden(_("This is not an address.")) from None
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        raise Forbidden(_("The address has to begin with https://."))
    if not host or parts.username or parts.password or parts.fragment:
        raise Forbidden(_("The address names a host and a path, and nothing else."))
    if any(char.isspace() or ord(char) < 32 for char in url):
        raise Forbidden(_("The address holds blanks."))
    if not inside and _is_number(host) and not is_public(host):
        raise Forbidden(_("This address leads into a private network."))
    return parts


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the open internet: nothing private, local, reserved or tunnelled."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in net for net in _TUNNELS):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def post(url: str, body: bytes, headers: Mapping[str, str], *, inside: bool) -> Answer:
    """POST ``body`` and return the answer, whatever its status; redirects are answers.

    The name is resolved once, every address it has is checked, and the
    connection goes to one of those, so that a second answer of the name server
    leads nowhere else.  Raises ``Forbidden``, and ``Unavailable`` when nothing
    came back in time.
    """
    parts = check(url, inside=inside)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    address = _resolve(host, port, inside=inside)
    connection = _Pinned(address, host, port) if parts.scheme == "http" else _PinnedTLS(address, host, port)
    # a receiver that answers a byte at a time must not hold a worker
    guillotine = Timer(DEADLINE, lambda: _hang_up(connection))
    guillotine.daemon = True
    guillotine.start()
    try:
        connection.request("POST", target, body, {"User-Agent": "Gongyi", **headers})
        answer = connection.getresponse()
        text = answer.read(READ).decode("utf-8", "replace")
        return Answer(answer.status, text, answer.getheader("Retry-After", ""))
    except (OSError, HTTPException, ValueError) as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from None
    finally:
        guillotine.cancel()
        connection.close()


def _resolve(host: str, port: int, *, inside: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(f"{host} has no address: {error}") from None
    addresses = [str(row[4][0]) for row in found]
    if not inside and not all(is_public(address) for address in addresses):
        raise Forbidden(_("This address leads into a private network."))
    return addresses[0]


def _hang_up(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            connection.sock.close()


class _Pinned(HTTPConnection):
    """A connection to one address, speaking to the host of a name."""

    def __init__(self, address: str, host: str, port: int) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), timeout=TIMEOUT)


class _PinnedTLS(HTTPSConnection):
    """The same with a certificate that has to be the name's."""

    def __init__(self, address: str, host: str, port: int) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT, context=self._tls)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), timeout=TIMEOUT)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
