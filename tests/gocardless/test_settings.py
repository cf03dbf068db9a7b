"""Real money moves only where that was said."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tallystick_gocardless.settings import LIVE, SANDBOX, GoCardlessSettings


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"access_token": "live_x"}, "would move real money"),
        ({"access_token": "sandbox_x", "live": True}, "token of the sandbox"),
        ({"live": True, "base_url": "http://127.0.0.1:80"}, "sent to GoCardless only"),
        ({"base_url": "http://evil.example"}, "stand-in"),
        ({"return_url": "http://msp.example"}, "https://"),
        ({"creditor": "CU1"}, "starts with CR"),
        ({"acces_token": "x"}, "acces_token"),
    ],
)
def test_what_does_not_fit_together_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        GoCardlessSettings.model_validate({"access_token": "x", **settings})


def test_the_mode_chooses_the_host() -> None:
    assert GoCardlessSettings.model_validate({"access_token": "sandbox_x"}).url == SANDBOX
    assert GoCardlessSettings.model_validate({"access_token": "live_x", "live": True}).url == LIVE
