"""Promises: what we told somebody will be true by when, with milestones; kept by evidence, never overwritten."""

from ambidex.domains.promises.commands import begin, break_, keep, make, re_promise, reach, release
from ambidex.domains.promises.model import (
    DEFAULT_POLICY,
    PROMISE,
    Milestone,
    MilestoneKind,
    NewPromise,
    Plan,
    Promise,
    PromiseKind,
    PromiseState,
)
from ambidex.domains.promises.problems import KeptByNothing, NeverOpensAgain
from ambidex.domains.promises.rules import plan, plan_again, plan_delivery, too_late_after
from ambidex.domains.promises.store import milestones_of, open_promises, promise_of_work

__all__ = [
    "DEFAULT_POLICY",
    "PROMISE",
    "KeptByNothing",
    "Milestone",
    "MilestoneKind",
    "NeverOpensAgain",
    "NewPromise",
    "Plan",
    "Promise",
    "PromiseKind",
    "PromiseState",
    "begin",
    "break_",
    "keep",
    "make",
    "milestones_of",
    "open_promises",
    "plan",
    "plan_again",
    "plan_delivery",
    "promise_of_work",
    "re_promise",
    "reach",
    "release",
    "too_late_after",
]
