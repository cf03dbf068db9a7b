"""What documents are printed from: the MSP as it shows itself, and how documents are made."""

from __future__ import annotations

from pydantic import Field

from tallystick.config.document_values import EInvoiceProfile, Format, Language, Template
from tallystick.config.table import Table
from tallystick.config.values import Country, RelativePath, Text, Zone


class Msp(Table):
    name: Text = Field(description="Your company, as invoices print it.")
    country: Country = Field(description="Where it is: two letters of ISO 3166, such as DE.")
    zone: Zone = Field(
        description="Billing time zone: decides which day and period work belongs to."
    )
    street: Text | None = Field(
        default=None, examples=["Hafenstr. 1"], description="Printed on invoices."
    )
    postcode: Text | None = Field(
        default=None, examples=["20457"], description="Printed on invoices."
    )
    city: Text | None = Field(
        default=None, examples=["Hamburg"], description="Printed on invoices."
    )
    vat_id: Text | None = Field(
        default=None,
        examples=["DE123456789"],
        description="Your VAT identification number, on invoices.",
    )
    tax_number: Text | None = Field(
        default=None,
        examples=["27/123/45678"],
        description="A tax number that is no VAT identification number.",
    )
    registration: Text | None = Field(
        default=None, examples=["HRB 12345 Hamburg"], description="Your number in a register."
    )
    contact: Text | None = Field(
        default=None, examples=["Kim Lund"], description="Whom clients ask about an invoice."
    )
    email: Text | None = Field(
        default=None, examples=["billing@nordlicht.example"], description="Where they write to."
    )
    phone: Text | None = Field(
        default=None, examples=["+49 40 1234567"], description="Where they call."
    )
    electronic_address: Text | None = Field(
        default=None,
        examples=["9930:DE123456789"],
        description="Your address for e-invoices, scheme and id.",
    )
    iban: Text | None = Field(
        default=None,
        examples=["DE89370400440532013000"],
        description="The account that clients transfer to.",
    )
    bic: Text | None = Field(
        default=None, examples=["COBADEFFXXX"], description="The bank of that account."
    )
    account_holder: Text | None = Field(
        default=None,
        examples=["Nordlicht IT GmbH"],
        description="Whose account it is, where that is not your company's name.",
    )
    creditor_id: Text | None = Field(
        default=None,
        examples=["DE98ZZZ09999999999"],
        description="Your creditor identifier for SEPA debits, announced on invoices.",
    )
    logo: RelativePath | None = Field(
        default=None,
        examples=["logo.svg"],
        description="Printed on PDF documents: SVG, PNG or JPEG.",
    )


class Documents(Table):
    formats: tuple[Format, ...] = Field(
        default=("html", "txt"),
        min_length=1,
        description="What is written of an invoice: html, txt, pdf, xlsx, ubl, cii, facturx.",
    )
    template: Template = Field(
        default="classic",
        description="Layout of the PDF: classic, modern, compact, or your own typst file.",
    )
    language: Language = Field(
        default="en", description="Of documents to clients that ask for none: en, de-DE, fr-CH ..."
    )
    annex: bool = Field(
        default=False, description="Whether bookings, tickets and devices are listed behind it."
    )
    fonts: RelativePath | None = Field(
        default=None,
        examples=["fonts"],
        description="A folder of fonts for PDF, for scripts the machine has none for.",
    )
    einvoice_profile: EInvoiceProfile = Field(
        default="en16931",
        description="Rules that ubl and cii follow: en16931, xrechnung, peppol.",
    )

    @property
    def detailed(self) -> bool:
        """Whether some format shows what is behind the lines."""
        return self.annex or "xlsx" in self.formats
