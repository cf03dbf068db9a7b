"""Rates: which price an hour of work has, and how its time is rounded."""
