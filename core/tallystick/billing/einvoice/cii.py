"""UN/CEFACT Cross Industry Invoice in its EN 16931 subset, which is what Factur-X embeds.

Bound to the standard by CEN/TS 16931-3-3; schema D22B as published with Factur-X 1.0.
"""

from __future__ import annotations

from datetime import date

from tallystick.billing.einvoice.markup import Node, file, node
from tallystick.billing.einvoice.model import EBreakdown, EInvoice, ELine, EParty, EPayment

UNECE = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "rsm": f"{UNECE}CrossIndustryInvoice:100",
    "ram": f"{UNECE}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{UNECE}UnqualifiedDataType:100",
    "qdt": f"{UNECE}QualifiedDataType:100",
}
DAY = "102"
"""A date as CCYYMMDD by UNTDID 2379."""


def render_cii(invoice: EInvoice) -> bytes:
    """The XML file; elements in the order of the CII schema, empty ones left out."""
    return file(
        "rsm:CrossIndustryInvoice",
        NAMESPACES,
        node(
            "rsm:ExchangedDocumentContext",
            node(
                "ram:BusinessProcessSpecifiedDocumentContextParameter",
                node("ram:ID", invoice.profile.process),
            ),
            node(
                "ram:GuidelineSpecifiedDocumentContextParameter",
                node("ram:ID", invoice.profile.identifier),
            ),
        ),
        node(
            "rsm:ExchangedDocument",
            node("ram:ID", invoice.number),
            node("ram:TypeCode", invoice.type_code),
            _day("ram:IssueDateTime", invoice.issued_on),
        ),
        node(
            "rsm:SupplyChainTradeTransaction",
            *map(_line, invoice.lines),
            _agreement(invoice),
            _delivery(invoice),
            _settlement(invoice),
        ),
    )


def _day(name: str, day: date | None, kind: str = "udt") -> Node | None:
    text = f"{day:%Y%m%d}" if day else ""
    return node(name, node(f"{kind}:DateTimeString", text, format=DAY))


def _agreement(invoice: EInvoice) -> Node | None:
    return node(
        "ram:ApplicableHeaderTradeAgreement",
        node("ram:BuyerReference", invoice.buyer_reference),
        _party("ram:SellerTradeParty", invoice.seller),
        _party("ram:BuyerTradeParty", invoice.buyer),
        node("ram:BuyerOrderReferencedDocument", node("ram:IssuerAssignedID", invoice.order)),
    )


def _party(name: str, party: EParty) -> Node | None:
    scheme, address = party.address or ("", "")
    return node(
        name,
        node("ram:Name", party.name),
        node("ram:SpecifiedLegalOrganization", node("ram:ID", party.registration)),
        node(
            "ram:DefinedTradeContact",
            node("ram:PersonName", party.contact),
            node("ram:TelephoneUniversalCommunication", node("ram:CompleteNumber", party.phone)),
            node("ram:EmailURIUniversalCommunication", node("ram:URIID", party.email)),
        ),
        _address(party),
        node("ram:URIUniversalCommunication", node("ram:URIID", address, schemeID=scheme)),
        *(
            node(
                "ram:SpecifiedTaxRegistration",
                node("ram:ID", one.number, schemeID="VA" if one.vat else "FC"),
            )
            for one in party.tax_ids
        ),
    )


def _address(party: EParty) -> Node | None:
    return node(
        "ram:PostalTradeAddress",
        node("ram:PostcodeCode", party.postcode),
        node("ram:LineOne", party.street),
        node("ram:CityName", party.city),
        node("ram:CountryID", party.country),
    )


def _delivery(invoice: EInvoice) -> Node:
    """The schema asks for the element even where nothing is delivered to an address."""
    party = invoice.deliver_to
    there = node("ram:ShipToTradeParty", _address(party)) if party else None
    return Node("ram:ApplicableHeaderTradeDelivery", (), (there,) if there else "")


def _settlement(invoice: EInvoice) -> Node | None:
    payment = invoice.payment
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        node("ram:CreditorReferenceID", payment.creditor_id if payment else ""),
        node("ram:PaymentReference", invoice.number if payment else ""),
        node("ram:InvoiceCurrencyCode", invoice.currency),
        _payment(payment) if payment else None,
        *map(_tax, invoice.breakdown),
        _period(invoice),
        node(
            "ram:SpecifiedTradePaymentTerms",
            node("ram:Description", invoice.terms),
            _day("ram:DueDateDateTime", invoice.due_on),
            node("ram:DirectDebitMandateID", payment.mandate if payment else ""),
        ),
        node(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            node("ram:LineTotalAmount", invoice.net),
            node("ram:TaxBasisTotalAmount", invoice.net),
            node("ram:TaxTotalAmount", invoice.tax, currencyID=invoice.currency),
            node("ram:GrandTotalAmount", invoice.gross),
            node("ram:DuePayableAmount", invoice.gross),
        ),
        *(
            node(
                "ram:InvoiceReferencedDocument",
                node("ram:IssuerAssignedID", number),
                _day("ram:FormattedIssueDateTime", issued_on, "qdt"),
            )
            for number, issued_on in invoice.preceding
        ),
    )


def _payment(payment: EPayment) -> Node | None:
    return node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        node("ram:TypeCode", payment.means),
        node("ram:PayerPartyDebtorFinancialAccount", node("ram:IBANID", payment.debited_iban)),
        node(
            "ram:PayeePartyCreditorFinancialAccount",
            node("ram:IBANID", payment.iban),
            node("ram:AccountName", payment.holder),
        ),
        node("ram:PayeeSpecifiedCreditorFinancialInstitution", node("ram:BICID", payment.bic)),
    )


def _tax(entry: EBreakdown) -> Node | None:
    """The percentage is stated outside the scope of tax too, as XRechnung asks (BR-DE-14)."""
    return node(
        "ram:ApplicableTradeTax",
        node("ram:CalculatedAmount", entry.tax),
        node("ram:TypeCode", "VAT"),
        node("ram:ExemptionReason", entry.reason),
        node("ram:BasisAmount", entry.net),
        node("ram:CategoryCode", entry.code),
        node("ram:ExemptionReasonCode", entry.reason_code),
        node("ram:RateApplicablePercent", entry.percent),
    )


def _period(span: EInvoice | ELine) -> Node | None:
    return node(
        "ram:BillingSpecifiedPeriod",
        _day("ram:StartDateTime", span.start),
        _day("ram:EndDateTime", span.last),
    )


def _line(line: ELine) -> Node | None:
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node(
            "ram:AssociatedDocumentLineDocument",
            node("ram:LineID", line.id),
            node("ram:IncludedNote", node("ram:Content", line.note)),
        ),
        node("ram:SpecifiedTradeProduct", node("ram:Name", line.name)),
        node(
            "ram:SpecifiedLineTradeAgreement",
            node("ram:NetPriceProductTradePrice", node("ram:ChargeAmount", line.price)),
        ),
        node(
            "ram:SpecifiedLineTradeDelivery",
            node("ram:BilledQuantity", line.quantity, unitCode=line.unit),
        ),
        node(
            "ram:SpecifiedLineTradeSettlement",
            node(
                "ram:ApplicableTradeTax",
                node("ram:TypeCode", "VAT"),
                node("ram:CategoryCode", line.code),
                node("ram:RateApplicablePercent", None if line.code == "O" else line.percent),
            ),
            _period(line),
            node(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                node("ram:LineTotalAmount", line.net),
            ),
        ),
    )
