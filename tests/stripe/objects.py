"""Stripe's objects with everything its document requires of them, and no card number anywhere."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def listed(url: str, data: list[Object], has_more: bool) -> Object:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def customer(id_: str, created: int, sent: Object) -> Object:
    return {
        "id": id_,
        "object": "customer",
        "created": created,
        "livemode": False,
        "name": sent.get("name"),
        "email": sent.get("email"),
        "address": sent.get("address"),
        "metadata": sent.get("metadata", {}),
    }


def payment_method(id_: str, created: int, kind: str, owner: str | None, name: str) -> Object:
    details: dict[str, Object] = {
        "card": {"brand": "visa", "exp_month": 12, "exp_year": 2030, "funding": "credit"},
        "sepa_debit": {"bank_code": "37040044", "country": "DE"},
        "bacs_debit": {"sort_code": "108800"},
        "us_bank_account": {"bank_name": "STRIPE TEST BANK", "routing_number": "110000000"},
    }
    tail = {"last4": "4242" if kind == "card" else "3000", "fingerprint": "fp"}
    return {
        "id": id_,
        "object": "payment_method",
        "type": kind,
        "created": created,
        "customer": owner,
        "livemode": False,
        "metadata": {},
        "billing_details": {"name": name, "email": None, "phone": None, "address": None},
        kind: {**details[kind], **tail},
    }


def intent(id_: str, created: int, sent: Object, kinds: list[str]) -> Object:
    return {
        "id": id_,
        "object": "payment_intent",
        "amount": int(sent["amount"]),
        "amount_received": 0,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "client_secret": f"{id_}_secret_for_the_payer",
        "created": created,
        "currency": sent["currency"],
        "customer": sent.get("customer"),
        "description": sent.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": sent.get("metadata", {}),
        "next_action": None,
        "payment_method": sent.get("payment_method"),
        "payment_method_types": kinds,
        "status": "requires_confirmation",
        "cancellation_reason": None,
        "canceled_at": None,
    }


def charge(id_: str, created: int, of: Object, status: str, name: str) -> Object:
    return {
        "id": id_,
        "object": "charge",
        "amount": of["amount"],
        "amount_captured": of["amount"] if status != "failed" else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"name": name, "email": None, "phone": None, "address": None},
        "captured": status != "failed",
        "created": created,
        "currency": of["currency"],
        "customer": of["customer"],
        "description": of["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(of["metadata"]),
        "paid": status == "succeeded",
        "payment_intent": of["id"],
        "payment_method": of["payment_method"],
        "refunded": False,
        "status": status,
    }


def balance_transaction(
    id_: str, created: int, kind: str, category: str, amount: int, fee: int, currency: str,
    source: str | None, description: str, rate: float | None,
) -> Object:  # fmt: skip
    described = "Stripe processing fees"
    details = {"amount": fee, "currency": currency, "type": "stripe_fee", "description": described}
    return {
        "id": id_,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": created + 2 * 86400,
        "created": created,
        "currency": currency,
        "description": description,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": [{**details, "application": None}] if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source,
        "status": "pending",
        "type": kind,
    }


def refund(
    id_: str, created: int, of: Object, amount: int, status: str, metadata: Object
) -> Object:
    return {
        "id": id_,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "metadata": metadata,
        "payment_intent": of["payment_intent"],
        "reason": None,
        "receipt_number": None,
        "status": status,
    }


def dispute(id_: str, created: int, of: Object, reason: str) -> Object:
    return {
        "id": id_,
        "object": "dispute",
        "amount": of["amount"],
        "balance_transactions": [],
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "evidence": {},
        "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False,
                             "submission_count": 0},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }  # fmt: skip


def payout(id_: str, created: int, amount: int, currency: str) -> Object:
    return {
        "id": id_,
        "object": "payout",
        "amount": amount,
        "arrival_date": created + 2 * 86400,
        "automatic": True,
        "balance_transaction": None,
        "created": created,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "reconciliation_status": "in_progress",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": "NORDLICHT IT",
        "status": "in_transit",
        "type": "bank_account",
    }


def session(id_: str, created: int, sent: Object) -> Object:
    return {
        "id": id_,
        "object": "checkout.session",
        "created": created,
        "customer": sent.get("customer"),
        "client_reference_id": sent.get("client_reference_id"),
        "expires_at": created + 86400,
        "livemode": False,
        "metadata": sent.get("metadata", {}),
        "mode": sent["mode"],
        "payment_intent": None,
        "payment_status": "unpaid",
        "setup_intent": None,
        "status": "open",
        "success_url": sent["success_url"],
        "url": f"https://checkout.stripe.com/c/pay/{id_}",
        "line_items": sent.get("line_items"),
        "payment_intent_data": sent.get("payment_intent_data"),
    }


def event(id_: str, created: int, kind: str, about: Object, before: Object | None = None) -> Object:
    data: Object = {"object": dict(about)}
    if before is not None:
        data["previous_attributes"] = before
    return {
        "id": id_,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
