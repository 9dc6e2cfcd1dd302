"""Which address a request counts for, when guessing is slowed down.

Hosts such as Heroku put a router in front of the app. It adds the address that it was asked from
at the end of X-Forwarded-For; what stands before that is whatever the client wrote. So only the
last entry is believed, and only where the peer can be a router: its address is not a public one.
Whoever comes from a public address is the client, and its header is worth nothing. On a firm's own
network, without a router, somebody could give each try another address; the limit over all
addresses holds then.
"""

import ipaddress

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

UNKNOWN = "unknown"
_HOUSEHOLD = 64
"""Bits of an IPv6 address that a provider gives to one customer, who chooses the others freely."""


def client(peer: str, forwarded_for: str) -> str:
    """The address that a request came from, as far as it is known for certain."""
    address = _read(peer)
    if address is not None and address.is_global:
        return _name(address)
    named = _read(forwarded_for.rpartition(",")[2].strip())
    return _name(named or address)


def _read(written: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _name(address: _Address | None) -> str:
    if address is None:
        return UNKNOWN
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), _HOUSEHOLD), strict=False))
