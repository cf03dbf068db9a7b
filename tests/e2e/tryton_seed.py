"""Run by the Python Tryton is installed in: `tryton_seed.py CONFIG KEY`. A company with a chart of
accounts, a tax, fiscal years, ways to be paid and a key for its REST interface."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company

YEARS = range(2025, 2031)
TAXES = {"19% VAT": "0.19", "7% VAT": "0.07"}
METHODS = {"Bank": "1.1.1", "Stripe": "1.1.3", "Set-off": "1.1.4"}


def seed(key: str) -> None:
    own = Model.get("party.party")(name="Nordlicht IT")
    own.save()
    create_company(own, "EUR")
    company = get_company()
    create_chart(company)
    for year in YEARS:
        made = create_fiscalyear(company, (date(year, 1, 1), date(year, 12, 31)))
        made = set_fiscalyear_invoice_sequences(made)
        made.save()
        made.click("create_period")
    accounts = Model.get("account.account")
    [owed] = accounts.find([("code", "=", "2.2.3")])
    for name, rate in TAXES.items():
        tax = Model.get("account.tax")(name=name, description=name, type="percentage")
        tax.rate = Decimal(rate)
        tax.invoice_account = tax.credit_note_account = owed
        tax.save()
    [cash] = Model.get("account.journal").find([("code", "=", "CASH")])
    for name, code in METHODS.items():
        method = Model.get("account.invoice.payment.method")(name=name, company=company)
        method.journal = cash
        [account] = accounts.find([("code", "=", code)])
        method.debit_account = method.credit_account = account
        method.save()
    [user] = Model.get("res.user").find([("login", "=", "admin")])
    Model.get("res.user.application")(user=user, application="rest", key=key).save()


if __name__ == "__main__":
    config.set_trytond("tryton", config_file=sys.argv[1])
    seed(sys.argv[2])
