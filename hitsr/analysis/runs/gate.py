"""Conditions under which `hitsr compare` fails: `psnr < -0.02` of a difference, `latency > 1.1x` of a ratio."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hitsr.analysis.runs.costs import QUANTITIES, Cost
from hitsr.analysis.runs.scores import Score
from hitsr.errors import ConfigError, ResultError

CONDITION = re.compile(
    r"\s*(?P<quantity>[A-Za-z_][\w-]*)(?:\.(?P<end>low|high))?\s*(?P<sign><=|>=|<|>)\s*"
    r"(?P<bound>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(?P<ratio>x)?\s*\Z"
)
SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
RATIOS = tuple(QUANTITIES.values())


@dataclass(frozen=True)
class Condition:
    """A condition that must hold for no method.

    Attributes:
        text: as it was given.
        quantity: a metric, or a cost.
        end: of the interval that is compared: "low" or "high"; the difference itself if empty.
    """

    text: str
    quantity: str
    end: str
    sign: str
    bound: float

    def holds(self, value: float) -> bool:
        """Whether a difference or ratio meets the condition."""
        return SIGNS[self.sign](value, self.bound)


def parse(text: str) -> Condition:
    """A condition as it is written on the command line.

    Raises:
        ConfigError: it is none; the message shows the form.
    """
    found = CONDITION.match(text)
    if found is None:
        raise ConfigError(
            f"--fail-if {text!r}: expected QUANTITY SIGN NUMBER, such as 'psnr < -0.02' (difference, second run minus "
            "first), 'psnr.high < 0' (upper end of its interval) or 'latency > 1.1x' (ratio, second to first)"
        )
    quantity, ratio = found["quantity"], bool(found["ratio"])
    if ratio != (quantity in RATIOS):
        expected = f"a ratio such as '{quantity} > 1.1x'" if not ratio else "a difference, without the x"
        raise ConfigError(
            f"--fail-if {text!r}: {quantity} is compared by {expected}; ratios are of {', '.join(RATIOS)}"
        )
    if ratio and found["end"] and quantity != "latency":
        raise ConfigError(f"--fail-if {text!r}: only metrics and latency have an interval with .low and .high")
    return Condition(text.strip(), quantity, found["end"] or "", found["sign"], float(found["bound"]))


def failures(conditions: Sequence[Condition], scores: Sequence[Score], costs: Sequence[Cost]) -> list[str]:
    """A sentence for each method and condition that holds.

    Raises:
        ResultError: a condition is about something that was compared for no method: it would pass without a look.
    """
    found: list[str] = []
    for condition in conditions:
        values = list(_values(condition, scores, costs))
        if not values:
            doubts = {cost.doubt for cost in costs if cost.quantity == condition.quantity}
            there = sorted({score.quantity for score in scores} | {cost.quantity for cost in costs if not cost.doubt})
            why = f" ({'; '.join(sorted(doubts))})" if doubts else f"; there is {', '.join(there)}"
            raise ResultError(
                f"--fail-if {condition.text!r}: {condition.quantity} was compared for no method under equal conditions"
                f"{why}"
            )
        for said, value in values:
            if math.isnan(value):
                raise ResultError(
                    f"--fail-if {condition.text!r}: {said}, which decides nothing: one image has no interval"
                )
            if condition.holds(value):
                found.append(f"{condition.text}: {said}")
    return found


def _values(condition: Condition, scores: Sequence[Score], costs: Sequence[Cost]) -> Iterator[tuple[str, float]]:
    """What a condition looks at, in words and as a number. Costs whose ratio is in doubt are no evidence."""
    for score in scores:
        if score.quantity == condition.quantity:
            value = getattr(score.comparison, condition.end or "difference")
            which = f" ({condition.end} end of the interval)" if condition.end else ""
            yield f"{score.pair.name} x{score.pair.scale} on {score.dataset}: {value:+.4g}{which}", value
    for cost in costs:
        if cost.quantity == condition.quantity and not cost.doubt:
            where = f" ({cost.condition})" if cost.condition else ""
            low, high = cost.interval or (math.nan, math.nan)
            value = {"": cost.ratio, "low": low, "high": high}[condition.end]
            which = f" ({condition.end} end of the interval)" if condition.end else ""
            yield f"{cost.pair.name} x{cost.pair.scale}{where}: {value:.4g}x{which}", value
