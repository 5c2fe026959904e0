"""A refusal as people read it, said the same way on every page."""

from __future__ import annotations

from ambidex.kernel.problem import BadInput, FieldError, Problem
from ambidex.web.parts.views import Trouble


def trouble_of(refused: Problem | None) -> Trouble | None:
    """What it is, this case of it, what to do next, and what each field needs; its code is for programs."""
    if refused is None:
        return None
    fields = "; ".join(_field(one) for one in refused.errors)
    case = "" if isinstance(refused, BadInput) else refused.detail
    advice = "" if refused.code == BadInput.code and fields else refused.advice
    return Trouble(
        title=refused.title, advice=" ".join(_sentence(part) for part in (case, advice, fields) if part)
    )


def _field(error: FieldError) -> str:
    return ": ".join(filter(None, (error.get("field", ""), error.get("expected", ""))))


def _sentence(words: str) -> str:
    if " " not in words:
        return f"“{words}”."  # a code as it came
    return f"{words[0].upper()}{words[1:]}" if words[-1] in ".!?" else f"{words[0].upper()}{words[1:]}."
