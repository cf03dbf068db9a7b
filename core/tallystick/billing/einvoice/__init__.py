"""E-invoices to EN 16931: one invoice in the standard's terms, written as UBL or as CII."""

from tallystick.billing.einvoice.cii import render_cii
from tallystick.billing.einvoice.profiles import EN16931, PROFILES, Profile
from tallystick.billing.einvoice.terms import einvoice
from tallystick.billing.einvoice.ubl import render_ubl

__all__ = ["EN16931", "PROFILES", "Profile", "einvoice", "render_cii", "render_ubl"]
