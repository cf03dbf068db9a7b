"""UBL 2.1 Invoice and CreditNote, bound to EN 16931 by CEN/TS 16931-3-2."""

from __future__ import annotations

from decimal import Decimal

from tallystick.billing.einvoice.markup import Node, file, node
from tallystick.billing.einvoice.model import (
    EBreakdown,
    EInvoice,
    ELine,
    EParty,
    EPayment,
    ETaxId,
)
from tallystick.billing.tax.rates import TaxCode

OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
AGGREGATES = {
    "cac": f"{OASIS}CommonAggregateComponents-2",
    "cbc": f"{OASIS}CommonBasicComponents-2",
}


def render_ubl(invoice: EInvoice) -> bytes:
    """The XML file; elements in the order of the UBL schema, empty ones left out."""
    kind = "CreditNote" if invoice.credit_note else "Invoice"
    return file(
        kind,
        {"": f"{OASIS}{kind}-2", **AGGREGATES},
        node("cbc:CustomizationID", invoice.profile.identifier),
        node("cbc:ProfileID", invoice.profile.process),
        node("cbc:ID", invoice.number),
        node("cbc:IssueDate", invoice.issued_on),
        node("cbc:DueDate", invoice.due_on),
        node(f"cbc:{kind}TypeCode", invoice.type_code),
        node("cbc:DocumentCurrencyCode", invoice.currency),
        node("cbc:BuyerReference", invoice.buyer_reference),
        _period(invoice),
        node("cac:OrderReference", node("cbc:ID", invoice.order)),
        *(
            node(
                "cac:BillingReference",
                node(
                    "cac:InvoiceDocumentReference",
                    node("cbc:ID", number),
                    node("cbc:IssueDate", issued_on),
                ),
            )
            for number, issued_on in invoice.preceding
        ),
        node("cac:AccountingSupplierParty", _seller(invoice)),
        node("cac:AccountingCustomerParty", _party(invoice.buyer, None)),
        _delivery(invoice.deliver_to),
        _payment(invoice.payment, invoice.number),
        node("cac:PaymentTerms", node("cbc:Note", invoice.terms)),
        node(
            "cac:TaxTotal",
            _amount("TaxAmount", invoice.tax, invoice),
            *(_subtotal(entry, invoice) for entry in invoice.breakdown),
        ),
        node(
            "cac:LegalMonetaryTotal",
            _amount("LineExtensionAmount", invoice.net, invoice),
            _amount("TaxExclusiveAmount", invoice.net, invoice),
            _amount("TaxInclusiveAmount", invoice.gross, invoice),
            _amount("PayableAmount", invoice.gross, invoice),
        ),
        *(_line(line, invoice) for line in invoice.lines),
    )


def _amount(name: str, amount: Decimal, invoice: EInvoice) -> Node | None:
    return node(f"cbc:{name}", amount, currencyID=invoice.currency)


def _period(span: EInvoice | ELine) -> Node | None:
    return node(
        "cac:InvoicePeriod", node("cbc:StartDate", span.start), node("cbc:EndDate", span.last)
    )


def _seller(invoice: EInvoice) -> Node | None:
    """The creditor identifier BT-90 is one of the seller's, of scheme SEPA."""
    creditor_id = invoice.payment.creditor_id if invoice.payment else ""
    named = node("cac:PartyIdentification", node("cbc:ID", creditor_id, schemeID="SEPA"))
    return _party(invoice.seller, named)


def _party(party: EParty, identified: Node | None) -> Node | None:
    scheme, address = party.address or ("", "")
    return node(
        "cac:Party",
        node("cbc:EndpointID", address, schemeID=scheme),
        identified,
        _address("cac:PostalAddress", party),
        *(_tax_id(one) for one in party.tax_ids),
        node(
            "cac:PartyLegalEntity",
            node("cbc:RegistrationName", party.name),
            node("cbc:CompanyID", party.registration),
        ),
        node(
            "cac:Contact",
            node("cbc:Name", party.contact),
            node("cbc:Telephone", party.phone),
            node("cbc:ElectronicMail", party.email),
        ),
    )


def _address(name: str, party: EParty) -> Node | None:
    return node(
        name,
        node("cbc:StreetName", party.street),
        node("cbc:CityName", party.city),
        node("cbc:PostalZone", party.postcode),
        node("cac:Country", node("cbc:IdentificationCode", party.country)),
    )


def _tax_id(one: ETaxId) -> Node | None:
    scheme = "VAT" if one.vat else "FC"
    return node(
        "cac:PartyTaxScheme",
        node("cbc:CompanyID", one.number),
        node("cac:TaxScheme", node("cbc:ID", scheme)),
    )


def _delivery(party: EParty | None) -> Node | None:
    address = _address("cac:Address", party) if party else None
    return node("cac:Delivery", node("cac:DeliveryLocation", address))


def _payment(payment: EPayment | None, number: str) -> Node | None:
    if payment is None:
        return None
    return node(
        "cac:PaymentMeans",
        node("cbc:PaymentMeansCode", payment.means),
        node("cbc:PaymentID", number),
        node(
            "cac:PayeeFinancialAccount",
            node("cbc:ID", payment.iban),
            node("cbc:Name", payment.holder),
            node("cac:FinancialInstitutionBranch", node("cbc:ID", payment.bic)),
        ),
        node(
            "cac:PaymentMandate",
            node("cbc:ID", payment.mandate),
            node("cac:PayerFinancialAccount", node("cbc:ID", payment.debited_iban)),
        ),
    )


def _subtotal(entry: EBreakdown, invoice: EInvoice) -> Node | None:
    """The percentage is stated outside the scope of tax too, as XRechnung asks (BR-DE-14)."""
    return node(
        "cac:TaxSubtotal",
        _amount("TaxableAmount", entry.net, invoice),
        _amount("TaxAmount", entry.tax, invoice),
        node(
            "cac:TaxCategory",
            node("cbc:ID", entry.code),
            node("cbc:Percent", entry.percent),
            node("cbc:TaxExemptionReasonCode", entry.reason_code),
            node("cbc:TaxExemptionReason", entry.reason),
            node("cac:TaxScheme", node("cbc:ID", "VAT")),
        ),
    )


def _line(line: ELine, invoice: EInvoice) -> Node | None:
    name, counted = (
        ("cac:CreditNoteLine", "cbc:CreditedQuantity")
        if invoice.credit_note
        else ("cac:InvoiceLine", "cbc:InvoicedQuantity")
    )
    return node(
        name,
        node("cbc:ID", line.id),
        node("cbc:Note", line.note),
        node(counted, line.quantity, unitCode=line.unit),
        _amount("LineExtensionAmount", line.net, invoice),
        _period(line),
        node(
            "cac:Item",
            node("cbc:Name", line.name),
            _line_tax(line.code, line.percent),
        ),
        node("cac:Price", _amount("PriceAmount", line.price, invoice)),
    )


def _line_tax(code: TaxCode, percent: Decimal) -> Node | None:
    return node(
        "cac:ClassifiedTaxCategory",
        node("cbc:ID", code),
        node("cbc:Percent", None if code == "O" else percent),
        node("cac:TaxScheme", node("cbc:ID", "VAT")),
    )
