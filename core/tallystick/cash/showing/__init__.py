"""Showing: where the money is, how old it is, and what waits for a person."""
