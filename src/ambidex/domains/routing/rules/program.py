"""A linear or mixed-integer program, put together column by column and row by row, and solved by HiGHS.

One thread and bounds by nodes, never by time: the same program has the same answer on every machine of one kind.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ambidex.kernel.values import dataclass, field

NO_LIMIT = 1e30
# of one relaxation of a mixed-integer program: far more than one of ours needs
ITERATIONS_MAX = 500_000
# for programs that begin from a good solution: what looks for better ones by chance costs more than it finds
QUICK = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_allow_restart": False,
    "mip_detect_symmetry": False,
}
Terms = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Values of the columns, prices of the rows (of a linear program), and the proven bound."""

    values: NDArray[np.float64]
    prices: NDArray[np.float64]
    cost: float
    bound: float
    is_found: bool


class _Looks:
    """Stops the solver after so many looks: steps of its own, which are as many on a slow machine."""

    def __init__(self, most: int) -> None:
        self._left = most

    def __call__(self, event: Any) -> None:
        self._left -= 1
        if self._left < 0:
            event.interrupt()


@dataclass
class Program:
    """Minimize the cost; every column is at least 0."""

    cost: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def whole_column(self, cost: float, *, upper: float = 1.0) -> int:
        self.whole.append(True)
        return self._column(cost, upper)

    def free_column(self, cost: float, *, upper: float = NO_LIMIT) -> int:
        self.whole.append(False)
        return self._column(cost, upper)

    def _column(self, cost: float, upper: float) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        return len(self.cost) - 1

    def row(self, low: float, high: float, terms: Terms) -> int:
        """The sum of the terms (column, weight) stays between; answers with its number.

        A column may be named twice, its weights are added: the solver never ends when it meets one twice in a row.
        """
        self.lows.append(low)
        self.highs.append(high)
        weights: dict[int, float] = {}
        for at, by in terms:
            weights[at] = weights.get(at, 0.0) + by
        self.columns.extend(weights)
        self.weights.extend(weights.values())
        self.starts.append(len(self.columns))
        return len(self.lows) - 1

    def solve(
        self,
        *,
        nodes_max: int = 0,
        looks_max: int = 0,
        gap: float = 0.0,
        start: NDArray[np.float64] | None = None,
    ) -> Outcome:
        """`start`: a solution that is known already, to begin from. `looks_max`: it is to be quick, and stops when the solver has
        looked so often whether to go on. The solver is loaded when one is first needed.
        """
        highspy: Any = import_module("highspy")

        solver = highspy.Highs()
        options: dict[str, Any] = {"output_flag": False, "threads": 1, "random_seed": 1, "mip_rel_gap": gap}
        if nodes_max:
            options |= {"mip_max_nodes": nodes_max, "simplex_iteration_limit": ITERATIONS_MAX}
        options |= QUICK if looks_max else {}
        for name, value in options.items():
            solver.setOptionValue(name, value)
        solver.passModel(self._model(highspy))
        if start is not None:
            known = highspy.HighsSolution()
            known.col_value = start.tolist()
            solver.setSolution(known)
        if looks_max:
            solver.cbMipInterrupt.subscribe(_Looks(looks_max))
        solver.run()
        found, told = solver.getSolution(), solver.getInfo()
        values = np.array(found.col_value)
        is_mip = any(self.whole)
        return Outcome(
            values,
            np.array(found.row_dual),
            told.objective_function_value,
            told.mip_dual_bound if is_mip else told.objective_function_value,
            len(values) == len(self.cost) and told.primal_solution_status == 2,
        )

    def _model(self, highspy: Any) -> Any:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.cost), len(self.lows)
        model.col_cost_ = np.array(self.cost)
        model.col_lower_ = np.zeros(len(self.cost))
        model.col_upper_ = np.array(self.upper)
        model.row_lower_, model.row_upper_ = np.array(self.lows), np.array(self.highs)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.array(self.starts, np.int32)
        model.a_matrix_.index_ = np.array(self.columns, np.int32)
        model.a_matrix_.value_ = np.array(self.weights)
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        if any(self.whole):
            model.integrality_ = [kinds[whole] for whole in self.whole]
        return model
