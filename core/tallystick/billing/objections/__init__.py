"""Objections: one small pure rule each, over one case."""
