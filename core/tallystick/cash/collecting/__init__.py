"""Collecting: asking payers for what is open, and what became of each attempt."""
