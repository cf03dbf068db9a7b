"""What a vendor says about when to come back (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import httpx


def asked_wait_s(response: httpx.Response, now_s: float) -> float | None:
    """The seconds of `Retry-After`, given as such or as an HTTP date; of a 429 also the date of
    `RateLimit-Reset`, which GoCardless tells in its place. None without a usable one."""
    asked = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,9})?", asked):
        return float(asked)
    if not asked and response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        asked = response.headers.get("ratelimit-reset", "").strip()
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - now_s)
    except (ValueError, TypeError, OverflowError):
        return None
