"""EasyPost's webhooks: an event about a tracker says everything that its carrier told so far, oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from ambidex.domains.shipping import Scan, ScanStatus, Tracked
from ambidex.flows.shop_port import Nothing, Told, Unreadable
from ambidex.integrations.easypost import signature
from ambidex.integrations.fields import Json, load, mapping, moment, text
from ambidex.runtime.inbox import Delivery, body_key

KEPT_HEADERS = ("content-type", "user-agent", "x-webhook-user-id")
SCANS_MAX = 500
WORDS_MAX = 300
_HEADER_MAX = 400
_STATUS = {
    **{status.value: status for status in ScanStatus},
    "error": ScanStatus.FAILURE,
    "cancelled": ScanStatus.CANCELED,
}


class EasyPost:
    """How EasyPost talks (the protocol SourceSystem)."""

    def delivery(self, source: str, headers: Mapping[str, str], body: bytes) -> Delivery:
        """The arrival: its topic is the event's description, its key the event's id."""
        said = {name: headers[name][:_HEADER_MAX] for name in KEPT_HEADERS if name in headers}
        topic, ident, about = "", "", ""
        with suppress(Unreadable):
            found = mapping(load(body), "event")
            topic = text(found, "description", "event", default=_bare(found))
            ident = text(found, "id", "event", default="")
            about = _number(found)
        key = f"{ident}:{body_key(topic, body)}" if ident else body_key(topic, body)
        return Delivery(
            source=source,
            delivery_key=key,
            topic=topic,
            headers=said,
            body=body,
            resource=f"parcel {about}" if about else "",
        )

    def is_signed(
        self,
        headers: Mapping[str, str],
        body: bytes,
        *,
        secrets: Sequence[str],
        at: datetime,  # noqa: ARG002  # its proof has no date
    ) -> bool:
        """Whether one of these secrets signed exactly these bytes."""
        return signature.is_signed(body, headers.get(signature.HEADER, ""), secrets=secrets)

    def read(self, topic: str, body: bytes) -> Sequence[Told]:
        """What the message says. Raises Unreadable."""
        found = mapping(load(body), "event")
        if found.get("object") == "Tracker":
            return [read_tracker(found)]
        if not topic.startswith("tracker."):
            return [Nothing(f"{topic or 'an event without a description'} changes nothing here")]
        return [read_tracker(mapping(found.get("result"), "result"))]


def read_tracker(found: Json) -> Tracked:
    """Everything a tracker says. Raises Unreadable."""
    listed = found.get("tracking_details") or []
    if not isinstance(listed, list) or len(listed) > SCANS_MAX:
        raise Unreadable(f"tracking_details: a list of at most {SCANS_MAX} was expected")
    scans = [_scan(mapping(one, f"tracking_details[{n}]"), n) for n, one in enumerate(listed)]
    whole = _status(found, "tracker")
    if not scans or (whole is not scans[-1].status and whole is not ScanStatus.UNKNOWN):
        # the summary may be ahead of its details
        scans.append(Scan(whole, moment(found, "updated_at", "tracker"), _words(found, "status_detail")))
    expected = found.get("est_delivery_date")
    return Tracked(
        tracking_number=text(found, "tracking_code", "tracker"),
        carrier=text(found, "carrier", "tracker", default="a carrier"),
        scans=tuple(sorted(scans, key=lambda scan: scan.happened_at)),
        expected_at=moment(found, "est_delivery_date", "tracker") if expected else None,
        signed_by=_words(found, "signed_by"),
        tracking_url=_link(found),
    )


def _scan(found: Json, number: int) -> Scan:
    at = f"tracking_details[{number}]"
    where = found.get("tracking_location") or {}
    place = where if isinstance(where, Mapping) else {}
    return Scan(
        status=_status(found, at),
        happened_at=moment(found, "datetime", at),
        detail=_words(found, "status_detail"),
        words=_words(found, "message"),
        city=_words(place, "city"),
        region=_words(place, "state"),
        country=_words(place, "country"),
    )


def _status(found: Json, at: str) -> ScanStatus:
    """A word that we do not know yet tells nothing, and keeps nothing else from being read."""
    return _STATUS.get(text(found, "status", at, default="unknown"), ScanStatus.UNKNOWN)


def _words(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value.replace("\x00", " ").strip()[:WORDS_MAX] if isinstance(value, str) else ""


def _link(found: Json) -> str:
    link = _words(found, "public_url")
    return link if link.startswith("https://") else ""


def _bare(found: Json) -> str:
    return "tracker.updated" if found.get("object") == "Tracker" else ""


def _number(found: Json) -> str:
    about = found.get("result") if isinstance(found.get("result"), Mapping) else found
    return _words(about, "tracking_code") if isinstance(about, Mapping) else ""
