"""Made-up facts that every template can be previewed with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any


def sample_facts(now: datetime) -> dict[str, Any]:
    """One invented order with everything that any message may say."""
    return {
        "name": "Ngozi Ó Briain",
        "email": "ngozi@example.org",
        "language": "en",
        "number": "MF-10428",
        "link": "/o/preview",
        "place": {
            "name": "Harbor Street",
            "address": "41 Harbor Street, 04101, Portland",
            "phone": "+1 207 555 0142",
            "hours_today": "until 21:00",
            "zone": "America/New_York",
        },
        "ready_by": (now + timedelta(hours=2)).isoformat(),
        "old_ready_by": (now + timedelta(hours=1)).isoformat(),
        "news_by": (now + timedelta(days=2)).isoformat(),
        "answer_by": (now + timedelta(hours=3)).isoformat(),
        "collect_until": (now + timedelta(days=6)).isoformat(),
        "items": [
            {"name": "Enamel kettle 1.5 L, moss", "quantity": 1},
            {"name": "Speckled mug", "quantity": 2},
        ],
        "code": "K7QM 2XVD",
        "options": [
            {"key": "place:store-02", "words": "Collect it at Mill Lane today by 18:30, held for you"},
            {"key": "wait", "words": "Wait until Harbor Street has it again"},
            {"key": "cancel", "words": "Leave it out and pay less"},
        ],
        "default_words": "we leave it out and you pay nothing for it.",
        "cause_words": "The sage shirt is not where it should be.",
        "amount": {"amount": "38.00", "currency": "USD"},
        "collector": "",
        "correction": "We told you it is ready. It is not: one item was canceled meanwhile.",
        "choice_words": "We hold your shirt at Mill Lane.",
        "whole": True,
    }
