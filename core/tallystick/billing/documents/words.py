"""The words of a document in each language it can be written in; everything else is babel's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Braces are filled in; `units` has each unit of a charge as said of one and
    of several, `categories` the tax categories the documentation names."""

    invoice: str
    credit_note: str
    date: str
    due: str
    service: str
    po_number: str
    buyer_reference: str
    contact: str
    phone: str
    email: str
    vat_id: str
    tax_number: str
    registration: str
    description: str
    quantity: str
    unit_price: str
    tax: str
    net: str
    net_total: str
    tax_total: str
    amount_due: str
    credited: str
    corrects: str
    corrected: str
    of_date: str
    credit_note_says: str
    set_off: str
    currency: str
    no_tax: str
    transfer: str
    debit: str
    account_holder: str
    reference: str
    mandate: str
    creditor_id: str
    annex: str
    annex_date: str
    annex_ref: str
    annex_amount: str
    page: str
    untaxed: Mapping[str, str]
    categories: Mapping[str, str]
    units: Mapping[str, tuple[str, str]]


ENGLISH = Words(
    invoice="Invoice",
    credit_note="Credit note",
    date="Date",
    due="Due",
    service="Service period",
    po_number="Purchase order",
    buyer_reference="Your reference",
    contact="Contact",
    phone="Phone",
    email="E-mail",
    vat_id="VAT ID",
    tax_number="Tax number",
    registration="Company register",
    description="Description",
    quantity="Quantity",
    unit_price="Unit price",
    tax="Tax",
    net="Net",
    net_total="Net",
    tax_total="Tax {percent} ({category}) on {net}",
    amount_due="Amount due in {currency}",
    credited="Total credited in {currency}",
    corrects="corrects {numbers}",
    corrected="This credit note corrects {numbers}.",
    of_date="{number} of {date}",
    credit_note_says="The amounts are credited to you.",
    set_off="A minus sign marks a charge that is set off against the credit.",
    currency="All amounts are in {currency}.",
    no_tax="No tax is charged: {category}.",
    transfer="Please transfer the amount by {date}, quoting {number}.",
    debit="We collect the amount on {date} from {account} under mandate {mandate}.",
    account_holder="Account holder",
    reference="Reference",
    mandate="Mandate",
    creditor_id="Creditor identifier",
    annex="Details",
    annex_date="Date",
    annex_ref="Record",
    annex_amount="Amount",
    page="Page {page} of {pages}",
    untaxed={
        "reverse_charge": "Reverse charge: VAT due by the recipient.",
        "exempt": "Exempt from tax.",
        "outside_scope": "Not subject to VAT here.",
        "intra_community": "Intra-Community supply, exempt from VAT.",
        "export": "Export outside the EU, exempt from VAT.",
    },
    categories={},
    units={
        "hour": ("hour", "hours"),
        "day": ("day", "days"),
        "week": ("week", "weeks"),
        "month": ("month", "months"),
        "quarter": ("quarter", "quarters"),
        "year": ("year", "years"),
        "device": ("device", "devices"),
        "user": ("user", "users"),
        "licence": ("licence", "licences"),
        "incident": ("incident", "incidents"),
        "ticket": ("ticket", "tickets"),
        "package": ("package", "packages"),
        "token": ("token", "tokens"),
        "unit": ("unit", "units"),
        "piece": ("piece", "pieces"),
        "call-out": ("call-out", "call-outs"),
        "write-down": ("write-down", "write-downs"),
        "correction": ("correction", "corrections"),
    },
)

GERMAN = Words(
    invoice="Rechnung",
    credit_note="Rechnungskorrektur",
    date="Datum",
    due="Fällig",
    service="Leistungszeitraum",
    po_number="Bestellnummer",
    buyer_reference="Ihre Referenz",
    contact="Ansprechpartner",
    phone="Telefon",
    email="E-Mail",
    vat_id="USt-IdNr.",
    tax_number="Steuernummer",
    registration="Handelsregister",
    description="Beschreibung",
    quantity="Menge",
    unit_price="Einzelpreis",
    tax="USt",
    net="Netto",
    net_total="Nettobetrag",
    tax_total="USt {percent} ({category}) auf {net}",
    amount_due="Zu zahlen in {currency}",
    credited="Gutgeschrieben in {currency}",
    corrects="berichtigt {numbers}",
    corrected="Diese Rechnungskorrektur berichtigt {numbers}.",
    of_date="{number} vom {date}",
    credit_note_says="Die Beträge werden Ihnen gutgeschrieben.",
    set_off="Ein Minus kennzeichnet eine Forderung, die dagegen verrechnet wird.",
    currency="Alle Beträge in {currency}.",
    no_tax="Es wird keine Steuer berechnet: {category}.",
    transfer="Bitte überweisen Sie den Betrag bis {date} unter Angabe von {number}.",
    debit="Wir ziehen den Betrag am {date} von {account} mit Mandat {mandate} ein.",
    account_holder="Kontoinhaber",
    reference="Verwendungszweck",
    mandate="Mandat",
    creditor_id="Gläubiger-ID",
    annex="Einzelnachweis",
    annex_date="Datum",
    annex_ref="Beleg",
    annex_amount="Betrag",
    page="Seite {page} von {pages}",
    untaxed={
        "reverse_charge": "Steuerschuldnerschaft des Leistungsempfängers.",
        "exempt": "Steuerfrei.",
        "outside_scope": "Im Inland nicht steuerbar.",
        "intra_community": "Steuerfreie innergemeinschaftliche Lieferung.",
        "export": "Steuerfreie Ausfuhrlieferung.",
    },
    categories={
        "standard": "Regelsatz",
        "reduced": "ermäßigt",
        "zero": "Nullsatz",
        "exempt": "steuerfrei",
        "reverse_charge": "Reverse-Charge",
        "outside_scope": "nicht steuerbar",
    },
    units={
        "hour": ("Stunde", "Stunden"),
        "day": ("Tag", "Tage"),
        "week": ("Woche", "Wochen"),
        "month": ("Monat", "Monate"),
        "quarter": ("Quartal", "Quartale"),
        "year": ("Jahr", "Jahre"),
        "device": ("Gerät", "Geräte"),
        "user": ("Benutzer", "Benutzer"),
        "licence": ("Lizenz", "Lizenzen"),
        "incident": ("Vorfall", "Vorfälle"),
        "ticket": ("Ticket", "Tickets"),
        "package": ("Paket", "Pakete"),
        "token": ("Token", "Token"),
        "unit": ("Stück", "Stück"),
        "piece": ("Stück", "Stück"),
        "call-out": ("Anfahrt", "Anfahrten"),
        "write-down": ("Nachlass", "Nachlässe"),
        "correction": ("Korrektur", "Korrekturen"),
    },
)

FRENCH = Words(
    invoice="Facture",
    credit_note="Avoir",
    date="Date",
    due="Échéance",
    service="Période de prestation",
    po_number="Bon de commande",
    buyer_reference="Votre référence",
    contact="Contact",
    phone="Téléphone",
    email="E-mail",
    vat_id="N° TVA",
    tax_number="N° fiscal",
    registration="Registre du commerce",
    description="Désignation",
    quantity="Quantité",
    unit_price="Prix unitaire",
    tax="TVA",
    net="Montant HT",
    net_total="Total HT",
    tax_total="TVA {percent} ({category}) sur {net}",
    amount_due="À payer en {currency}",
    credited="Total crédité en {currency}",
    corrects="rectifie {numbers}",
    corrected="Cet avoir rectifie {numbers}.",
    of_date="{number} du {date}",
    credit_note_says="Les montants sont portés à votre crédit.",
    set_off="Le signe moins indique un montant dû, déduit de l'avoir.",
    currency="Tous les montants sont en {currency}.",
    no_tax="Aucune taxe n'est facturée : {category}.",
    transfer="Merci de virer le montant avant le {date} en indiquant {number}.",
    debit="Nous prélèverons le montant le {date} sur {account} selon le mandat {mandate}.",
    account_holder="Titulaire du compte",
    reference="Référence",
    mandate="Mandat",
    creditor_id="Identifiant créancier",
    annex="Détail",
    annex_date="Date",
    annex_ref="Pièce",
    annex_amount="Montant",
    page="Page {page} sur {pages}",
    untaxed={
        "reverse_charge": "Autoliquidation : TVA due par le preneur.",
        "exempt": "Exonéré de TVA.",
        "outside_scope": "Hors champ de la TVA.",
        "intra_community": "Livraison intracommunautaire exonérée de TVA.",
        "export": "Exportation exonérée de TVA.",
    },
    categories={
        "standard": "taux normal",
        "reduced": "taux réduit",
        "zero": "taux zéro",
        "exempt": "exonéré",
        "reverse_charge": "autoliquidation",
        "outside_scope": "hors champ",
    },
    units={
        "hour": ("heure", "heures"),
        "day": ("jour", "jours"),
        "week": ("semaine", "semaines"),
        "month": ("mois", "mois"),
        "quarter": ("trimestre", "trimestres"),
        "year": ("an", "ans"),
        "device": ("appareil", "appareils"),
        "user": ("utilisateur", "utilisateurs"),
        "licence": ("licence", "licences"),
        "incident": ("incident", "incidents"),
        "ticket": ("ticket", "tickets"),
        "package": ("forfait", "forfaits"),
        "token": ("jeton", "jetons"),
        "unit": ("unité", "unités"),
        "piece": ("pièce", "pièces"),
        "call-out": ("déplacement", "déplacements"),
        "write-down": ("remise", "remises"),
        "correction": ("correction", "corrections"),
    },
)

LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
