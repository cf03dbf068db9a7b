"""Stripe's own OpenAPI document, and whether a request or an answer is one of its.

Where the pinned version has moved on since that document, the change is named with its source.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator

FILE = Path(__file__).resolve().parents[2].parent / "shared/specs/stripe/openapi.json"
SINCE = {
    # docs.stripe.com/changelog/dahlia/2026-07-29/allowed-payment-method-types-parameter
    ("post", "/v1/payment_intents"): {"allowed_payment_method_types"},
}
NOT_IN_THE_DOCUMENT = ("/v1/checkout/", "/v1/account")


@cache
def _document() -> Any:
    return _with_nulls(json.loads(FILE.read_text(encoding="utf-8")))


def _with_nulls(schema: Any) -> Any:
    """`nullable` also where there is no `type` beside it: the validator only knows it there."""
    if isinstance(schema, list):
        return [_with_nulls(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _with_nulls(one) for key, one in schema.items()}
    if inner.get("nullable") is True:
        if isinstance(inner.get("enum"), list):
            inner["enum"] = [*inner["enum"], None]
        if isinstance(inner.get("anyOf"), list):
            inner["anyOf"] = [*inner["anyOf"], {"enum": [None]}]
    return inner


@cache
def _paths() -> list[tuple[list[str], str]]:
    return [(path.split("/"), path) for path in _document()["paths"]]


@cache
def _validator(method: str, path: str, part: str) -> Any:
    operation = _document()["paths"][path][method]
    if part == "request":
        schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    elif part == "query":
        listed = operation.get("parameters", [])
        names = {one["name"]: one["schema"] for one in listed if one["in"] == "query"}
        schema = {"type": "object", "properties": names, "additionalProperties": False}
    else:
        schema = operation["responses"][part]["content"]["application/json"]["schema"]
    return OAS30Validator({**schema, "components": _document()["components"]})


def template(path: str) -> str | None:
    """The document's path for a real one; None for what the document leaves out."""
    if path.startswith(NOT_IN_THE_DOCUMENT):
        return None
    parts = path.split("/")
    fitting = [
        name
        for known, name in _paths()
        if len(known) == len(parts)
        and all(k == p or k.startswith("{") for k, p in zip(known, parts, strict=True))
    ]
    assert fitting, f"Stripe has no {path}"
    return min(fitting, key=lambda name: name.count("{"))


def check_request(method: str, path: str, sent: Mapping[str, Any]) -> list[str]:
    """What Stripe's document finds wrong with the parameters `sent`."""
    known = template(path)
    if known is None:
        return []
    newer = SINCE.get((method, known), set())
    part = "request" if method == "post" else "query"
    validator = _validator(method, known, part)
    old = {name: value for name, value in sent.items() if name not in newer}
    return _errors(validator, typed(old, validator.schema), f"{method} {path}")


def check_answer(method: str, path: str, status: int, body: Any) -> list[str]:
    known = template(path)
    if known is None:
        return []
    part = "200" if status == 200 else "default"
    return _errors(_validator(method, known, part), body, f"{status} of {method} {path}")


def _errors(validator: Any, value: Any, place: str) -> list[str]:
    return [
        f"{place}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"
        for error in validator.iter_errors(value)
    ]


def typed(value: Any, schema: Mapping[str, Any]) -> Any:
    """A value of a form, which is all text, as `schema` means it."""
    for choice in schema.get("anyOf", ()):
        if isinstance(value, dict) == (choice.get("type") == "object"):
            return typed(value, choice)
    kind = schema.get("type")
    if isinstance(value, dict):
        names = schema.get("properties", {})
        return {key: typed(one, names.get(key, {})) for key, one in value.items()}
    if isinstance(value, list):
        return [typed(one, schema.get("items", {})) for one in value]
    if kind == "integer" and value.lstrip("-").isdecimal():
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value
