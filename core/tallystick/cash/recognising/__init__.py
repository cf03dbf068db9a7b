"""Recognising: money that names no invoice is scored, and applied or shown to a person."""
