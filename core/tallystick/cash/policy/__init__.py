"""The collection policy: what may be asked of whom and when, and what follows unpaid. Pure."""
