"""Settling: every movement of money finds its invoice, its collection, or suspense."""
