"""What tools call the things we know, for a first guess at somebody's own files.

Names are compared without case, spaces and punctuation. In each row the earlier word is the
better sign. A guess ends up in a mapping file, where a person reads it.
"""

from __future__ import annotations

_CLIENT = (
    "clientid customerid companyid accountid siteid client customer company account site"
    " customernumber clientnumber accountnumber kundennummer kunde"
)
_TECHNICIAN = (
    "technicianid engineerid employeeid memberid resourceid userid technician engineer employee"
    " member resource agent user owner mitarbeiter techniker"
)
_CONTRACT = (
    "contractid agreementid contract agreement contractnumber agreementnumber vertragsnummer"
    " vertrag"
)
_TICKET = "ticketid ticketnumber incident issueid issue ticket case vorgang"
_STARTS = "startson startdate start validfrom from begins beginn gueltigab gültigab"
_ENDS = "endson enddate end validto validuntil until expires ende gueltigbis gültigbis"
_CURRENCY = "currency currencycode iso waehrung währung"
_PRICE = "unitprice price fee amount rate monthlyfee preis betrag"
_GROUP = "group department team gruppe abteilung"
_STATUS = "status state"
_ACTIVE = "activefrom installed installedon installdate firstseen purchased startson startdate"
_RETIRED = "retiredon retired decommissioned removed disposed endson enddate"
_TYPE = "type category class kind typ art"

COLUMNS: dict[str, dict[str, str]] = {
    "": {
        "id": "id number nr no key guid uuid code reference nummer",
        "version": "version revision syscounter sysmodcount",
        "updated_at": "updatedat lastupdated modifiedat lastmodified changedat updated modified",
    },
    "client": {
        "id": "id clientid customerid companyid accountid number customernumber clientnumber"
        " kundennummer",
        "name": "name clientname companyname customername accountname company customer client firma"
        " kunde",
        "customer_number": "customernumber accountnumber debtornumber debitor",
        "vat_id": "vatid vat vatnumber taxid ustid ustidnr",
        "domain": "domain website webdomain emaildomain",
        "email": "email mail emailaddress invoiceemail",
        "street": "street address address1 addressline1 strasse straße",
        "postcode": "postcode zip zipcode postalcode plz",
        "city": "city town ort stadt",
        "country": "country countrycode land",
        "region": "region state province bundesland",
        "tax_category": "taxcategory taxcode steuer",
        "payment_terms_days": "paymenttermsdays paymentterms terms zahlungsziel",
        "language": "language locale sprache",
        "buyer_reference": "buyerreference leitwegid",
        "electronic_address": "electronicaddress peppolid peppol endpointid",
    },
    "contact": {
        "client": _CLIENT,
        "name": "name fullname contactname",
        "email": "email mail",
        "type": f"contacttype usertype {_TYPE}",
        "group": _GROUP,
        "status": _STATUS,
        "active_from": _ACTIVE,
        "retired_on": _RETIRED,
    },
    "technician": {
        "id": f"id {_TECHNICIAN}",
        "name": "name fullname displayname technicianname employeename",
        "role": "role workrole title position level rolle",
    },
    "cost_rate": {
        "id": "id rateid costrateid number",
        "technician": _TECHNICIAN,
        "valid_from": "validfrom from since startdate effectivefrom gueltigab gültigab",
        "hourly": "hourly hourlycost costperhour cost rate stundensatz",
        "currency": _CURRENCY,
    },
    "asset": {
        "id": "id assetid deviceid assettag tag",
        "name": "name assetname devicename hostname computername device asset",
        "client": _CLIENT,
        "type": f"assettype devicetype deviceclass {_TYPE}",
        "group": _GROUP,
        "status": _STATUS,
        "location": "location site room standort",
        "serial": "serial serialnumber serialno seriennummer",
        "last_seen_at": "lastseenat lastseen lastcontact lastonline lastcheckin zuletztgesehen",
        "mac": "mac macaddress",
        "active_from": _ACTIVE,
        "retired_on": _RETIRED,
    },
    "ticket": {
        "id": f"id {_TICKET} number",
        "title": "title subject summary shortdescription betreff titel",
        "client": _CLIENT,
        "contract": _CONTRACT,
        "asset": "assetid asset device configurationitem cmdbci",
        "type": f"tickettype issuetype {_TYPE}",
        "priority": "priority urgency prioritaet priorität",
        "status": "status state stage",
        "opened_at": "openedat opened createdat created dateopened opendate eroeffnet erstellt",
        "resolved_at": "resolvedat resolved dateresolved resolveddate geloest gelöst",
        "closed_at": "closedat closed dateclosed closeddate geschlossen",
        "sla_met": "slamet madesla insla withinsla",
    },
    "booking": {
        "id": "id bookingid timeentryid entryid worklogid",
        "technician": _TECHNICIAN,
        "client": _CLIENT,
        "ticket": _TICKET,
        "contract": _CONTRACT,
        "work_type": "worktype activity activitytype taetigkeit tätigkeit servicetype type",
        "billable": "billable billableoption chargeable billing abrechenbar",
        "work_date": "workdate date day entrydate dateworked spenton datum",
        "started_at": "startedat start starttime timestart begin beginn",
        "ended_at": "endedat end endtime timeend finish ende",
        "seconds": "seconds hours actualhours hoursworked timespent duration minutes stunden dauer",
        "location": "location site worksite standort",
        "approved": "approved isapproved freigegeben",
        "invoice": "invoicenumber invoiceno rechnungsnummer",
        "note": "note notes comment comments description summary bemerkung text",
    },
    "contract": {
        "id": f"id {_CONTRACT} number",
        "client": _CLIENT,
        "name": "name contractname agreementname title description bezeichnung",
        "currency": _CURRENCY,
        "starts_on": _STARTS,
        "ends_on": _ENDS,
        "cancelled_on": "cancelledon noticegivenon noticegiven gekuendigt gekündigt",
        "notice_days": "noticedays noticeperioddays",
        "po_number": "ponumber purchaseorder purchaseordernumber bestellnummer",
        "po_amount": "poamount purchaseorderamount povalue",
        "po_from": "pofrom purchaseorderdate podate",
        "consolidation": "consolidation invoicegroup billinggroup sammelrechnung",
        "payment_terms_days": "paymenttermsdays paymentterms zahlungsziel",
    },
    "contract_line": {
        "id": "id lineid linenumber contractlineid additionid itemid position",
        "contract": _CONTRACT,
        "description": "description name item service product bezeichnung text",
        "model": "model chargemodel billingmodel billingtype pricingmodel type",
        "starts_on": _STARTS,
        "ends_on": _ENDS,
        "terms.unit_price": _PRICE,
        "terms.quantity": "quantity qty count menge anzahl hours includedhours stunden",
        "terms.cycle": "cycle billingcycle frequency interval turnus",
        "terms.rate_card": "ratecard pricelist preisliste",
        "terms.work_types": "worktypes worktype covers coveredwork",
        "terms.asset_types": "assettypes assettype devicetypes devicetype",
        "terms.rollover_periods": "rollover rolloverperiods",
        "terms.priorities": "ticketpriorities priority",
        "terms.sla_credit_percent": "slacredit slacreditpercent",
        "terms.ticket_types": "tickettypes tickettype",
        "terms.of": "appliesto appliestolines lines",
        "terms.unit": "balanceunit unit",
        "terms.markup_percent": "markuppercent markup",
        "terms.timing": "timing billingtiming",
        "terms.steps": "pricesteps steps pricechanges",
    },
    "licence": {
        "id": "id licenceid licenseid subscriptionid number",
        "client": _CLIENT,
        "contract": _CONTRACT,
        "product": "product productname sku name service produkt",
        "quantity": "quantity qty seats count menge anzahl",
        "active_from": _ACTIVE,
        "retired_on": _RETIRED,
    },
    "usage": {
        "id": "id usageid recordid number",
        "client": _CLIENT,
        "contract": _CONTRACT,
        "meter": "meter metric resource service zaehler zähler",
        "quantity": "quantity qty amount consumed menge",
        "used_on": "usedon usagedate date day datum",
        "cost": "cost totalcost pretaxcost kosten",
        "currency": _CURRENCY,
        "note": "note description comment",
    },
    "cost": {
        "id": "id costid expenseid number",
        "client": _CLIENT,
        "contract": _CONTRACT,
        "ticket": _TICKET,
        "kind": f"kind costtype expensetype {_TYPE}",
        "amount": "amount net cost price betrag",
        "currency": _CURRENCY,
        "spent_on": "spenton expensedate date day datum",
        "starts_on": _STARTS,
        "ends_on": _ENDS,
        "note": "note description comment text",
    },
    "mandate": {
        "id": "id mandateid mandatereference mandateref reference mandatsreferenz",
        "client": _CLIENT,
        "scheme": "scheme type paymenttype method verfahren",
        "iban": "iban account",
        "bic": "bic swift",
        "payer": "payer customer customerid payerid",
        "holder": "holder accountholder debtor name kontoinhaber",
        "signed_on": "signedon signed signaturedate signeddate datesigned unterschrieben",
        "revoked_on": "revokedon revoked cancelled widerrufen",
        "expires_on": "expireson expires expiry expirydate",
        "one_off": "oneoff single singleuse einmalig",
    },
    "bank_transaction": {
        "account": "account ownaccount iban konto",
        "booked_on": "bookedon bookingdate date valuedate buchungstag",
        "amount": "amount value betrag",
        "currency": _CURRENCY,
        "charges": "charges fee fees bankcharges gebühren entgelt",
        "paid_amount": "paidamount instructedamount originalamount ursprungsbetrag",
        "paid_currency": "paidcurrency instructedcurrency originalcurrency ursprungswährung",
        "bank_reference": "bankreference transactionid reference",
        "end_to_end_id": "endtoendid endtoend endtoendreference",
        "payout": "payout payoutid",
        "counterparty": "counterparty payer name beguenstigter",
        "counterparty_iban": "counterpartyiban payeriban",
        "remittance": "remittance purpose remittanceinformation verwendungszweck",
    },
    "dispute": {
        "id": "id disputeid chargebackid",
        "attempt": "attempt endtoendid collection payment",
        "amount": "amount value betrag",
        "currency": _CURRENCY,
        "state": _STATUS,
        "reason": "reason reasoncode grund",
        "opened_on": "openedon opened createdon created date",
        "evidence_due_on": "evidencedueon evidencedue dueby dueon",
    },
}
"""Per record kind, what columns of its fields are called; "" holds for every kind."""
