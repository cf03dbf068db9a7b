"""A vendor's own OpenAPI document, and whether a request or an answer is one of its.

Answers are judged leniently where vendors are: a field they leave out, null, or add is none of
theirs to be told about; what is there must be of the type they say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml
from openapi_schema_validator import OAS30Validator

SPECS = Path(__file__).resolve().parents[1].parent / "shared" / "specs"


class Spec:
    """One document; `base` is what stands before its paths in real URLs."""

    def __init__(self, name: str, base: str = "") -> None:
        text = (SPECS / name).read_text(encoding="utf-8")
        loaded = json.loads(text) if name.endswith(".json") else yaml.load(text, yaml.CSafeLoader)
        self._document = _lenient(loaded)
        self._base = base
        self._names: dict[str, str] = {}

    def operation(self, method: str, path: str) -> tuple[str, Mapping[str, Any]]:
        """The document's name for a path, and what it says of the method on it."""
        name = self._name_of(path.removeprefix(self._base) or "/")
        found = self._document["paths"][name]
        assert method.lower() in found, f"the vendor has no {method} {name}"
        return name, {"parameters": found.get("parameters", []), **found[method.lower()]}

    def _name_of(self, own: str) -> str:
        if own not in self._names:
            parts = own.split("/")
            fitting = [
                name
                for name in self._document["paths"]
                if len(known := name.split("/")) == len(parts)
                and all(k == p or "{" in k for k, p in zip(known, parts, strict=True))
            ]
            assert fitting, f"the vendor has no {own}"
            self._names[own] = min(fitting, key=lambda one: one.count("{"))
        return self._names[own]

    def check_request(self, request: httpx.Request) -> None:
        """Raises for an unknown path, method or query key, or a body that is none of theirs."""
        name, operation = self.operation(request.method, request.url.path)
        known = {one["name"]: one for one in map(self._whole, operation["parameters"])}
        for key, value in request.url.params.multi_items():
            one = known.get(key)
            assert one is not None and one["in"] == "query", f"{name} has no query {key}"
            self._must(
                one.get("schema", one), _typed(value, one.get("schema", one)), f"{name} {key}"
            )
        for key, one in known.items():
            if one.get("required") and one["in"] == "query":
                assert key in request.url.params, f"{name} needs the query {key}"
            if one.get("required") and one["in"] == "header":
                assert key in request.headers, f"{name} needs the header {key}"
        body = request.content
        if body and "json" in request.headers.get("content-type", ""):
            content = self._whole(operation["requestBody"])["content"]
            self._must(_json_of(content)["schema"], json.loads(body), f"{request.method} {name}")

    def check_answer(self, method: str, path: str, status: int, body: Any) -> None:
        name, operation = self.operation(method, path)
        answers = operation["responses"]
        answer = answers.get(str(status)) or answers.get("default") or answers.get("200")
        assert answer, f"{name} never answers {status}"
        content = self._whole(answer).get("content")
        if content:
            self._must(_json_of(content)["schema"], body, f"{status} of {method} {name}")

    def check_row(self, path: str, row: Mapping[str, Any]) -> None:
        """A row of a list by what the vendor takes by POST there, for a document that says nothing
        of answers: every field is one of theirs, and of its type."""
        name, operation = self.operation("POST", path)
        taken = _json_of(self._whole(operation["requestBody"])["content"])["schema"]["items"]
        known = self._whole(taken)["properties"]
        assert not row.keys() - known.keys(), f"{name} knows no {row.keys() - known.keys()}"
        self._must(taken, row, f"a row of {name}")

    def judged(self, vendor: httpx.BaseTransport) -> httpx.BaseTransport:
        """The vendor of a test, of which every request and answer is held against the document."""
        return _Judged(self, vendor)

    def _must(self, schema: Any, value: Any, place: str) -> None:
        validator = OAS30Validator({**schema, "components": self._document.get("components", {})})
        found = [
            f"{place}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(value)
        ]
        assert not found, found

    def _whole(self, one: Any) -> Any:
        """What a `$ref` stands for."""
        while "$ref" in one:
            found: Any = self._document
            for part in one["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            one = found
        return one


class _Judged(httpx.BaseTransport):
    def __init__(self, spec: Spec, vendor: httpx.BaseTransport) -> None:
        self.spec, self.vendor = spec, vendor

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.spec.check_request(request)
        response = self.vendor.handle_request(request)
        body = response.read()
        if response.is_success and body:
            given = (request.method, request.url.path, response.status_code)
            self.spec.check_answer(*given, json.loads(body))
        return response


@cache
def spec(name: str, base: str = "") -> Spec:
    return Spec(name, base)


def _json_of(content: Mapping[str, Any]) -> Any:
    return next(one for kind, one in content.items() if "json" in kind or kind == "*/*")


def _typed(value: str, schema: Mapping[str, Any]) -> Any:
    """A query value, which is all text, as its schema means it."""
    kind = schema.get("type")
    readers: dict[str, Callable[[str], Any]] = {"integer": int, "number": float}
    if kind in readers:
        return readers[kind](value)
    if kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    return [value] if kind == "array" else value


def _lenient(schema: Any) -> Any:
    """Nothing of an answer is required, and any value may be null. An object of whatever there is
    (`additionalProperties: {}`) is how ConnectWise says any value."""
    if isinstance(schema, list):
        return [_lenient(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _lenient(one) for key, one in schema.items() if key != "example"}
    if found == {"type": "object", "additionalProperties": {}}:
        return {}
    if isinstance(found.get("required"), list):
        del found["required"]
    if isinstance(found.get("type"), str) and "properties" not in found.get("items", {}):
        found.setdefault("nullable", True)
    return found
