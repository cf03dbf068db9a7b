"""Listening: what providers tell by themselves, hosted pages, and what two people decide."""
