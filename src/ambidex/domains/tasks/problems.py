"""What tasks refuse."""

from typing import ClassVar

from ambidex.kernel.problem import NotFound, Problem


class UnknownTask(NotFound):
    """There is no such task."""

    code: ClassVar[str] = "unknown-task"


class TaskIsOver(Problem):
    """This task is done or no longer needed."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "task-is-over"
    advice = "Look at your list again; it shows what is left."


class TakenByOther(Problem):
    """A colleague has this task."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "task-taken-by-other"
    advice = "Ask them, or take another one."


class DoneWithoutProof(Problem):
    """A task is done when there is proof of it."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "done-without-proof"
    advice = "Say what proves it: a count, a scan, or what was agreed with the customer."
