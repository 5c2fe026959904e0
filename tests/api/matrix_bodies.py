"""With which body the matrix of permissions asks each operation that is bound to a place."""

from __future__ import annotations

from typing import Any

SCAN = {"evidence": [{"kind": "scan", "barcode": "B-MUG-01"}]}
MUGS = [{"item": "MUG-01", "quantity": 1}]
# Steps of a transfer that its sender does, and those of the place it comes to.
SENDING: dict[str, Any] = {
    "approve": None,
    "decline": {"reason": "none left"},
    "pick": SCAN,
    "send": {"packages": 1},
}
RECEIVING: dict[str, Any] = {
    "cancel": {"reason": "not needed"},
    "redate": {"expected_at": "2026-03-09T09:00:00Z", "reason": "the lorry broke down"},
    "receive": SCAN,
    "finish": None,
    "explain": {"line": 1, "quantity": 1, "outcome": "lost", "reason": "nowhere"},
}
# The bodies of operations bound to a place; None: the operation takes none. Pages take forms.
BODIES: dict[str, Any] = {
    "PUT /api/v1/locations/{code}": {"phone": "+44 20 7946 0991"},
    "POST /api/v1/counts": {"item": "MUG-01", "counted": 7},
    "POST /api/v1/orders/{order_id}/cancel": {"reason": "asked"},
    "POST /api/v1/orders/{order_id}/address": {
        "line1": "4 Ferncliffe Terrace",
        "city": "Leeds",
        "postcode": "LS1 4DY",
        "reason": "the number was missing",
    },
    "POST /orders/{order_id}/address": {"line1": "4 Ferncliffe Terrace", "city": "Leeds", "reason": "asked"},
    "POST /api/v1/manifests/{manifest_id}/close": None,
    "POST /api/v1/orders/{order_id}/money/agree": {"reason": "paid in cash"},
    "POST /orders/{order_id}/money/agree": {"reason": "paid in cash"},
    "POST /api/v1/tasks/{task_id}/claim": None,
    "POST /api/v1/tasks/{task_id}/done": {"proof": {"note": "seen"}},
    **{
        f"POST /api/v1/fulfillment-orders/{{work_id}}/{verb}": body
        for verb, body in {
            "accept": None,
            "pick": SCAN,
            "short": {"line": 1, "reason": "not there"},
            "stage": {"place": "SHELF-A1"},
            "ready": None,
            "pack": {"packages": [{"weight_grams": 800}]},
            "label": None,
            "dispatch": SCAN,
            "unpack": {"package": 1, "reason": "torn"},
            "come-back": {"evidence": {"kind": "scan", "barcode": "HP1"}},
            **{
                choice: {"package": 1, "reason": "on the phone"}
                for choice in ("try-again", "bring-back", "send-again", "lost", "pay-back")
            },
            "hand-over": {"checked": "name", "collector": "Ama Owusu"},
            "undo-hand-over": {"reason": "wrong person"},
            "put-away": SCAN,
            "refuse": {"reason": "closed"},
        }.items()
    },
    **{
        f"POST /work/{{work_id}}/{verb}": body
        for verb, body in {
            "accept": {},
            "pick": {"code": "B-MUG-01", "line": "1"},
            "cannot-find": {"line": "1", "quantity": "1", "reason": "not there"},
            "stage": {"code": "SHELF-A1", "place": "SHELF-A1"},
            "ready": {},
            "code": {"code": "AAAA-AAAA"},
            "hand-over": {"checked": "name", "collector": "Ama Owusu"},
            "undo": {"reason": "wrong person"},
            "refuse": {"reason": "closed"},
        }.items()
    },
    "POST /api/v1/waves": {},
    **{
        f"POST /api/v1/waves/{{wave}}/{verb}": body
        for verb, body in {
            "release": None,
            "pick": {"evidence": {"kind": "scan", "barcode": "B-MUG-01"}},
            "short": {"item": "MUG-01", "reason": "not there"},
            "tote": {"tote": 1, "label": "TOTE-07"},
            "cancel": None,
        }.items()
    },
    **{
        f"POST /waves/{{wave_id}}/{verb}": body
        for verb, body in {
            "release": {},
            "pick": {"code": "B-MUG-01", "code_kind": "scan"},
            "short": {"item": "MUG-01", "quantity": "1", "reason": "not there"},
            "cancel": {},
        }.items()
    },
    **{
        f"POST /pack/{{work_id}}/{verb}": body
        for verb, body in {
            "scan": {"code": "B-MUG-01"},
            "close": {"grams": "800"},
            "labels": {},
            "open": {"package": "none"},
        }.items()
    },
    "POST /waves": {},
    "POST /pack": {"code": "TOTE-07"},
    "POST /dispatch": {"code": "HP1", "code_kind": "scan"},
    "POST /parcels": {"code": "HP1", "code_kind": "scan"},
    "POST /parcels/{work_id}/{number}": {"choice": "lost", "reason": "on the phone"},
    "POST /manifests/{manifest_id}/close": {},
    "POST /tasks/{task_id}/claim": {},
    "POST /tasks/{task_id}/done": {"note": "seen"},
    "POST /tasks/{task_id}/count": {"counted": "7"},
    "POST /tasks/{task_id}/put-away": {"code": "B-MUG-01"},
    "POST /api/v1/stock-reports": {
        "source": "warehouse:none",
        "report": "delta",
        "number": 1,
        "as_of": "2026-03-03T12:00:00Z",
        "rows": [{"item": "MUG-01", "change": -1}],
    },
    **{
        f"POST {prefix}/{{drift_id}}/{verb}": body
        for prefix in ("/api/v1/drifts", "/drift")
        for verb, body in {"repair": {}, "dismiss": {"reason": "counted it myself"}}.items()
    },
    "POST /api/v1/counts/ask": {"items": ["MUG-01"]},
    "POST /api/v1/counts/begin": {"item": "MUG-01"},
    "POST /api/v1/counts/{count_id}/enter": {"counted": 7},
    "POST /api/v1/counts/{count_id}/approve": None,
    "POST /api/v1/counts/{count_id}/reject": {"reason": "not believed"},
    "POST /api/v1/counts/{count_id}/cancel": {"reason": "not needed"},
    "PUT /api/v1/count-policies/{location}": {"recount": {"units": 3}, "approve": {"units": 9}},
    "POST /count/item/{sku}": {"counted": "7", "kind": "own"},
    "POST /count/item/{sku}/ask": {},
    "POST /count/decide/{count_id}": {"verb": "approve"},
    "PUT /api/v1/locations/{code}/capacity": {"limits": []},
    "POST /api/v1/locations/{code}/pause": {"reason": "flood"},
    "POST /api/v1/locations/{code}/resume": {},
    "POST /capacity/{place}/pause": {"reason": "flood"},
    "POST /capacity/{place}/resume": {},
    "POST /capacity/{place}/limits": {"works": "4", "opens": "09:00", "until": "18:00"},
    "POST /capacity/{place}/limits/{limit}/remove": {},
    "POST /capacity/{place}/days": {"day": "2026-12-24"},
    "POST /capacity/{place}/days/{day}/remove": {},
    "POST /api/v1/transfers": {"from": "depot", "lines": MUGS},
    "POST /transfers": {"from": "depot", "item": "MUG-01", "quantity": "1"},
    "POST /deliveries/{delivery_id}/{deed}": {"reason": "not needed"},
    **{f"POST /api/v1/transfers/{{reference}}/{verb}": body for verb, body in (SENDING | RECEIVING).items()},
    "PUT /api/v1/inbound-goods/{reference}": {"expected_at": "2026-03-06T09:00:00Z", "lines": MUGS},
    **{
        f"POST /api/v1/inbound-goods/{{reference}}/{verb}": RECEIVING[verb]
        for verb in ("cancel", "receive", "finish", "explain")
    },
}
# Where the code of the place is said in a body.
PLACE_FIELD = {
    "/api/v1/counts": "location",
    "/api/v1/counts/ask": "location",
    "/api/v1/counts/begin": "location",
    "/api/v1/stock-reports": "location",
    "/api/v1/inbound-goods/{reference}": "location",
    "/api/v1/transfers": "to",
    "/api/v1/waves": "location",
    "/transfers": "to",
    "/count/item/{sku}": "place",
    "/count/item/{sku}/ask": "place",
}
