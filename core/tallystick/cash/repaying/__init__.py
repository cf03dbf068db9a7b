"""Repaying: refunds, credit that is set off, and what is given up."""
