"""Billing: proposals, invoices and their detail, and what was sent of them."""
