"""Telling: accounting and service desk of money, clients of what is overdue."""
