"""Why a collection failed, and what kind of failure that is.

    soft       the money was not there, or something was out of order for a while
    hard       the account or card will not pay: closed, blocked, stolen, refused
    mandate    there is no authority to debit any more
    customer   the payer has to act: authenticate, or look at their card
    unknown    the bank does not say, or nobody here knows the code

Sources: SEPA's codes are ISO 20022 ExternalReturnReason1Code as the European Payments Council uses
them (EPC173-14, reason codes of R-transactions); card and bank debit codes are Stripe's decline and
failure codes (docs.stripe.com/declines/codes); GoCardless's are the causes in the details of its
events (developer.gocardless.com).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Class = Literal["soft", "hard", "mandate", "customer", "unknown"]


class Reason(NamedTuple):
    """The class of a code and what it says, as the end of a sentence."""

    kind: Class
    meaning: str


SEPA: Final = {
    "AC01": Reason("hard", "the account number is wrong"),
    "AC04": Reason("hard", "the account is closed"),
    "AC06": Reason("hard", "the account is blocked"),
    "AC13": Reason("hard", "it is a consumer's account, which the scheme does not debit"),
    "AG01": Reason("hard", "this kind of account is not debited"),
    "AG02": Reason("unknown", "the bank did not understand the operation"),
    "AM04": Reason("soft", "the account had too little money"),
    "AM05": Reason("unknown", "the bank takes it for a duplicate"),
    "BE05": Reason("unknown", "the bank does not know the creditor identifier"),
    "CNOR": Reason("unknown", "the creditor's bank is not registered"),
    "DNOR": Reason("hard", "the payer's bank is not registered"),
    "FF01": Reason("unknown", "the bank could not read the file"),
    "MD01": Reason("mandate", "there is no valid mandate"),
    "MD02": Reason("mandate", "the mandate's data are missing or wrong"),
    "MD06": Reason("hard", "the payer asked for the money back"),
    "MD07": Reason("hard", "the payer has died"),
    "MS02": Reason("hard", "the payer refused"),
    "MS03": Reason("unknown", "the bank gives no reason"),
    "RC01": Reason("hard", "the bank identifier is wrong"),
    "RR04": Reason("unknown", "a regulation stands against it"),
    "SL01": Reason("hard", "the payer blocks this creditor"),
    "TM01": Reason("soft", "it came after the bank's cut-off time"),
}
STRIPE: Final = {
    "insufficient_funds": Reason("soft", "the account had too little money"),
    "withdrawal_count_limit_exceeded": Reason("soft", "the card's limit is used up"),
    "card_velocity_exceeded": Reason("soft", "the card's limit is used up"),
    "processing_error": Reason("soft", "the issuer had a fault"),
    "reenter_transaction": Reason("soft", "the issuer had a fault"),
    "issuer_not_available": Reason("soft", "the issuer could not be reached"),
    "try_again_later": Reason("soft", "the issuer asks to try later"),
    "lost_card": Reason("hard", "the card was reported lost"),
    "stolen_card": Reason("hard", "the card was reported stolen"),
    "pickup_card": Reason("hard", "the card is to be withheld"),
    "fraudulent": Reason("hard", "fraud is suspected"),
    "merchant_blacklist": Reason("hard", "the payer is on your own block list"),
    "do_not_try_again": Reason("hard", "the issuer asks not to try again"),
    "restricted_card": Reason("hard", "the card is restricted"),
    "expired_card": Reason("hard", "the card has expired"),
    "incorrect_number": Reason("hard", "the card number is wrong"),
    "invalid_account": Reason("hard", "the card or its account is not valid"),
    "card_not_supported": Reason("hard", "the card does not pay for this"),
    "currency_not_supported": Reason("hard", "the card does not pay in this currency"),
    "transaction_not_allowed": Reason("hard", "the card does not pay for this"),
    "not_permitted": Reason("hard", "the card does not pay for this"),
    "new_account_information_available": Reason("hard", "the card was replaced"),
    "account_closed": Reason("hard", "the account is closed"),
    "no_account": Reason("hard", "there is no such account"),
    "bank_account_restricted": Reason("hard", "the account is restricted"),
    "stop_payment_order": Reason("mandate", "the payer stopped it at the bank"),
    "revocation_of_authorization": Reason("mandate", "the payer revoked the authority"),
    "revocation_of_all_authorizations": Reason("mandate", "the payer revoked every authority"),
    "debit_not_authorized": Reason("mandate", "the payer did not authorise it"),
    "authentication_required": Reason("customer", "the payer has to authenticate"),
    "authentication_not_handled": Reason("customer", "the payer has to authenticate"),
    "incorrect_cvc": Reason("customer", "the payer has to enter the security code anew"),
    "call_issuer": Reason("customer", "the payer has to ask the issuer"),
    "approve_with_id": Reason("customer", "the payer has to ask the issuer"),
    "do_not_honor": Reason("unknown", "the issuer gives no reason"),
    "generic_decline": Reason("unknown", "the issuer gives no reason"),
    "card_declined": Reason("unknown", "the issuer gives no reason"),
    "no_action_taken": Reason("unknown", "the issuer gives no reason"),
    "duplicate_transaction": Reason("unknown", "the issuer takes it for a duplicate"),
}
GOCARDLESS: Final = {
    "insufficient_funds": Reason("soft", "the account had too little money"),
    "bank_account_closed": Reason("hard", "the account is closed"),
    "bank_account_transferred": Reason("hard", "the account moved to another bank"),
    "invalid_bank_details": Reason("hard", "the account number is wrong"),
    "direct_debit_not_enabled": Reason("hard", "the account takes no direct debits"),
    "refund_requested": Reason("hard", "the payer asked for the money back"),
    "mandate_cancelled": Reason("mandate", "the mandate was cancelled"),
    "mandate_expired": Reason("mandate", "the mandate has expired"),
    "authorisation_disputed": Reason("mandate", "the payer did not authorise it"),
    "refer_to_payer": Reason("soft", "the bank refers to the payer, mostly for want of money"),
    "other": Reason("unknown", "the bank gives no reason"),
}
KNOWN: Final = {**SEPA, **STRIPE, **GOCARDLESS}
UNKNOWN: Final = Reason("unknown", "")


def reason_of(code: str) -> Reason:
    """What a code says; one that is not listed is `unknown` and says nothing."""
    return KNOWN.get(code, UNKNOWN)


def told(code: str) -> str:
    """`MD01` as `MD01, there is no valid mandate`."""
    meaning = reason_of(code).meaning
    return f"{code}, {meaning}" if meaning else code or "no reason given"
