"""Insight, pure: what the books and the effort say about contracts and clients."""
