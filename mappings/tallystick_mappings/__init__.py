"""Shipped field mappings, data only."""
