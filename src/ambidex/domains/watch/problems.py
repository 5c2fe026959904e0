"""What watch refuses."""

from typing import ClassVar

from ambidex.kernel.problem import NotFound


class UnknownException(NotFound):
    """There is no such exception, or it is solved."""

    code: ClassVar[str] = "unknown-exception"
