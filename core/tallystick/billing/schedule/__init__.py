"""Schedules: which days are charged, at which price, and when that is due."""
