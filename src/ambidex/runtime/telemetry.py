"""Telemetry: one structured line per request, command and job, and figures for Prometheus. Never personal data."""

from __future__ import annotations

import logging

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Histogram(
    "ambidex_request_seconds",
    "Time to answer, by route and status.",
    ("method", "route", "status"),
    buckets=SECONDS,
    registry=REGISTRY,
)
published = Counter("ambidex_events_published_total", "Events given a position.", registry=REGISTRY)
reacted = Counter(
    "ambidex_reactions_total",
    "Events applied by a reaction, or parked.",
    ("reaction", "outcome"),
    registry=REGISTRY,
)
steps = Histogram(
    "ambidex_loop_step_seconds", "Time of one step of a loop.", ("loop",), buckets=SECONDS, registry=REGISTRY
)
failures = Counter("ambidex_loop_failures_total", "Failed steps of loops.", ("loop",), registry=REGISTRY)
violations = Counter(
    "ambidex_violations_total",
    "Broken invariants, by rule; each is handed to a person.",
    ("rule",),
    registry=REGISTRY,
)
edited = Counter(
    "ambidex_edits_past_the_program_total",
    "Transactions that changed rows of truth without the program; each is handed to a person.",
    registry=REGISTRY,
)
followers = Gauge("ambidex_live_followers", "Screens and systems that follow events here.", registry=REGISTRY)
head = Gauge("ambidex_events_position", "The newest position this program has seen.", registry=REGISTRY)


_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def figures() -> bytes:
    """Everything measured so far, in the text format of Prometheus."""
    return generate_latest(REGISTRY)


def set_up_logs(level: str, *, as_json: bool) -> None:
    """One line per fact, on standard output. Tracebacks never show values: they may be personal."""
    shown: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if not as_json:
        shown = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *((_TRACEBACKS,) if as_json else ()),
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
