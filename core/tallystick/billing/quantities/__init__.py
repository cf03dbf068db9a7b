"""Quantities: how many of what there are, and what so many cost."""
