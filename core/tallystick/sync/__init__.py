"""Sync: the shell that brings records in, validates them and says which are the same thing."""
