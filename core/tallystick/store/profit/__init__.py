"""Profit: what each booking cost and each contract brought, kept true with every change."""
