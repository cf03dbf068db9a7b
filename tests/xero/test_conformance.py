"""Xero passes the conformance kit at gold."""

from __future__ import annotations

from .kit import Kit


class TestConformance(Kit):
    """Every rule, requests and answers held against the vendor's document."""
