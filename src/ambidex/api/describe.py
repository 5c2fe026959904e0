"""The OpenAPI document, completed with what FastAPI cannot know: problems, keys, who may, how to sign in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from ambidex.api.problems import MEDIA_TYPE
from ambidex.runtime.access import Rule
from ambidex.runtime.idempotency import KEY_LENGTH_MAX

Document = dict[str, Any]

PROBLEM: Document = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457). `code` is for programs, `advice` for the person; facts may be added.",
    "required": ["type", "title", "status", "code", "detail", "errors", "retryable", "advice"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "expected", "advice")},
            },
        },
        "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
        "advice": {"type": "string"},
    },
}
REFUSED = {
    "description": "Refused: see `code` and `advice`.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body are answered once, with the same status and bytes, for 90 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX},
}
SIGN_IN = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "ambidex_session"},
}


def complete(app: FastAPI, rules: Mapping[tuple[str, str], Rule]) -> None:
    """Have the application describe itself whole; `rules` by method and path."""
    plain = app.openapi

    def openapi() -> Document:
        document = plain()
        if "Problem" not in document.get("components", {}).get("schemas", {}):
            _complete(document, rules)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to change the document


def _complete(document: Document, rules: Mapping[tuple[str, str], Rule]) -> None:
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["securitySchemes"] = SIGN_IN
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete_one(operation, method.upper(), rules.get((method.upper(), path)))


def _complete_one(operation: Document, method: str, rule: Rule | None) -> None:
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    responses.update({"4XX": REFUSED, "5XX": REFUSED})
    if rule is None or rule.permission is None:
        return
    operation["security"] = [{"token": []}, {"session": []}]
    operation["x-permission"] = {"needs": rule.permission.value, "scope": rule.scope.value}
    if method == "POST":
        operation.setdefault("parameters", []).append(KEY)
