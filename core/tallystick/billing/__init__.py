"""Billing, pure: what the facts say should be billed, less what was billed already."""
