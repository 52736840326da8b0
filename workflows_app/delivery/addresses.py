"""Which addresses may be reached from here: judged as text first, then as the network addresses that a name stands for.

Nothing here opens a connection. `delivery/outside.py` asks both questions, and connects to exactly what was judged.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^/?#@\\:\[\]]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?(?P<path>/.*)?"
)
_LABEL: Final = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
# at least two labels, and the last one not a number in anybody's eyes: 127.1, 0x7f.1 and 2130706433 are addresses.
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$|0x[0-9a-f]*$){_LABEL}")
# printable ASCII that is written the same way by every reader; no fragment, which never leaves a client anyway.
_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_STEP = re.compile(r"/(?:\.|%2e){1,2}(?=/|$)|//|%(?:2f|5c|00)", re.IGNORECASE)
_LONGEST: Final = 2000
_PORTS: Final = {"https": 443, "http": 80}


def _ranges(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# IPv4 addresses in IPv6 clothes: compatible, mapped, NAT64, Teredo, 6to4. A private address looks public in them.
_DISGUISES: Final = _ranges("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
# Ranges that no site has, and that `is_global` lets through in some versions of Python.
_NO_SITE: Final = _ranges(
    "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3",
    "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/9", "ff00::/8",
)  # fmt: skip
# Not even when a network of our own is opened: what hands out the machine's credentials lives here.
_METADATA: Final = _ranges(
    "169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32"
)


class Reach(Enum):
    """How far a call may go. `OURS`: only into networks of the house; `FAR`: to public addresses, too."""

    NOWHERE = "nowhere"
    OURS = "ours"
    FAR = "far"


class AddressError(ValueError):
    """An address may not be reached; the message says which and why."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A checked absolute address. `host`: a lower-case ASCII name, or a network address where `literal`."""

    scheme: str
    host: str
    port: int
    path: str
    literal: bool

    @property
    def place(self) -> str:
        """Scheme, host and port, for messages: the rest may be a secret."""
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.place}{self.path}"

    @property
    def usual(self) -> bool:
        """Whether it is https on its own port, which is what strangers are reached by."""
        return (self.scheme, self.port) == ("https", 443)


def read_target(url: str) -> Target:
    """Take `url` apart. Raises `AddressError` for whatever two readers might understand differently."""
    found = _URL.fullmatch(url) if len(url) <= _LONGEST and url.isascii() else None
    if found is None:
        raise AddressError("not an address such as https://host/path: without user, spaces, or letters beyond ASCII")
    scheme, path = found["scheme"], found["path"] or "/"
    port = int(found["port"] or _PORTS[scheme])
    if not _PATH.fullmatch(path) or _STEP.search(path.partition("?")[0]):
        raise AddressError("its path has a step upwards, an empty part or a character that is not plain")
    if not 0 < port < 65536:
        raise AddressError(f"{port} is not a port")
    host, literal = _host(found["host"])
    return Target(scheme=scheme, host=host, port=port, path=path, literal=literal)


def _host(text: str) -> tuple[str, bool]:
    if _NAME.fullmatch(text) and len(text) <= 253:
        return text, False
    try:
        return str(ipaddress.ip_address(text.strip("[]"))), True
    except ValueError:
        raise AddressError(f"{text[:80]!r} is not the name of a host, such as api.example.com") from None


def judge(addresses: Iterable[str], target: Target, reach: Reach, ours: Sequence[Network]) -> tuple[str, ...]:
    """All `addresses` of `target`, when each may be reached. `ours`: networks of the house that were opened.

    Raises `AddressError` when there is none, or when one of them may not be reached: a name that stands for a public
    and a private address at once is a trap.
    """
    judged = tuple(dict.fromkeys(addresses))
    if not judged:
        raise AddressError(f"{target.host} has no address")
    for address in judged:
        _judge_one(address, target, reach, ours)
    return judged


def _judge_one(text: str, target: Target, reach: Reach, ours: Sequence[Network]) -> None:
    address = _network_address(text)
    closed = _inside(address, _METADATA) or (_inside(address, _DISGUISES) and not address.is_loopback)
    if _inside(address, ours) and not closed:
        return
    if not is_public(address):
        raise AddressError(f"{target.host} stands for {text}, which is not an address of the public internet")
    if target.literal or target.scheme != "https" or reach is not Reach.FAR:
        raise AddressError(f"{target.place}: outside our own networks only https, a name and a usual port are used")


def is_public(address: Address) -> bool:
    """Whether it is one host of the public internet, by an address that means no other one."""
    if any(_inside(address, ranges) for ranges in (_DISGUISES, _NO_SITE, _METADATA)):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as written in the settings, such as 10.1.0.0/16. Raises `AddressError`."""
    try:
        return tuple(ipaddress.ip_network(text.strip()) for text in texts if text.strip())
    except ValueError as error:
        raise AddressError(f"HTTP_NETWORKS: {error}") from error


def _network_address(text: str) -> Address:
    """A resolver's word as an address; one with a zone belongs to a link, and is none of ours."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise AddressError(f"{text!r} is not a network address") from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id:
        raise AddressError(f"{text} belongs to one link only")
    return address


def _inside(address: Address, ranges: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in ranges)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
