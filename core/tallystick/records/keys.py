"""What identifies a thing, spelled so that it can be compared; values that vendors leave behind on
thousands of machines identify none."""

from __future__ import annotations

import re

BOGUS_SERIALS = frozenset(
    {
        "tobefilledbyoem",
        "systemserialnumber",
        "defaultstring",
        "notspecified",
        "notapplicable",
        "0123456789",
        "123456789",
        "1234567890",
        "123456",
        "invalid",
        "unknown",
        "ostring",
        "chassisserialnumber",
    }
)
BOGUS_MACS = frozenset({"000000000000", "ffffffffffff", "505054503030", "335053503030"})
"""All zeros, broadcast, and the pseudo-addresses Windows gives its PPTP and RAS adapters."""


def serial_key(serial: str | None) -> str | None:
    """A serial number to compare, None for one that identifies no machine."""
    plain = re.sub(r"[^0-9a-z]", "", (serial or "").casefold())
    if len(plain) < 4 or plain in BOGUS_SERIALS or len(set(plain)) == 1:
        return None
    return plain


def mac_key(mac: str | None) -> str | None:
    """A hardware address as twelve hex digits, None for a pseudo-address or a wrong one."""
    plain = re.sub(r"[^0-9a-f]", "", (mac or "").casefold())
    return plain if len(plain) == 12 and plain not in BOGUS_MACS else None


def name_key(name: str | None) -> str | None:
    """A name with case and blanks evened out: still exact, never similar."""
    return " ".join((name or "").casefold().split()) or None
