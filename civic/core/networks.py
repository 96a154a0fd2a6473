"""Where a request comes from: the address behind our own proxies, and the networks it lies in."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: How much of an address stands for one household or office, and how much for its neighbourhood.
NARROW = {4: 32, 6: 64}
WIDE = {4: 24, 6: 48}


def client_address(request: HttpRequest) -> Address | None:
    """Return the address a request comes from, or None where the server does not know it.

    ``X-Forwarded-For`` is read from right to left and only as far as
    ``settings.TRUSTED_PROXIES`` wrote it: what a stranger puts there changes
    nothing.
    """
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    written = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while address is not None and written and _within(address, settings.TRUSTED_PROXIES):
        before = _parsed(written.pop())
        if before is None:
            break
        address = before
    return address


@lru_cache(maxsize=4096)
def networks_of(address: Address) -> tuple[Network, Network]:
    """Return the household or office an address stands for, and its neighbourhood."""
    narrow, wide = NARROW[address.version], WIDE[address.version]
    return ip_network((address, narrow), strict=False), ip_network((address, wide), strict=False)


def is_shared(address: Address) -> bool:
    """Tell whether an operator has listed the address as one that many people share, such as a library's."""
    return _within(address, settings.SHARED_NETWORKS)


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Address | None:
    """Return an address as proxies write it, with or without a port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # The same machine, however the socket names it.
    return getattr(address, "ipv4_mapped", None) or address
