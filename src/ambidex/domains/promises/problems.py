"""What promises refuse."""

from typing import ClassVar

from ambidex.kernel.problem import Problem


class NeverOpensAgain(Problem):
    """This place never opens again."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "never-opens-again"
    advice = "Choose another place."


class KeptByNothing(Problem):
    """A promise is kept by evidence, and none was given."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "kept-by-nothing"
    advice = "Name the evidence or the event that made it true."
