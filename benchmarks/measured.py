"""Numbers of a file of timings, for the tables of the scripts."""

from collections.abc import Iterable

Key = tuple[str, ...]
Values = dict[Key, dict[str, float]]
FORMATS = {"latency_median": ",.1f", "peak_memory": ",.0f"}


def values(part: dict) -> Values:
    """By method, implementation and back-end: the quantities of a part that has one size."""
    found: Values = {}
    for row in part["rows"]:
        found.setdefault(key_of(row), {})[row["quantity"]] = row["value"]
    return found


def key_of(row: dict) -> Key:
    return row["method"], row["implementation"], row["backend"]


def of_fixed_size(found: Values, method: str, implementation: str, backend: str) -> dict[str, float] | None:
    """A network's quantities; where a fixed size changes nothing, those of its reference."""
    own = found.get((method, implementation, backend))
    return found.get((method, "reference", backend)) if own is None and implementation == "fixed_size" else own


def time_cell(quantities: dict[str, float] | None) -> str:
    """Median with the 10th and 90th percentile, in ms."""
    if not quantities:
        return "–"
    median, low, high = (quantities[f"latency_{name}"] for name in ("median", "p10", "p90"))
    digits = ",.0f" if median >= 100 else ",.1f" if median >= 1 else ",.3f"
    return f"{median:{digits}} ({low:{digits}}–{high:{digits}})"


def memory_cell(quantities: dict[str, float] | None) -> str:
    """MiB of one pass."""
    return "–" if not quantities or "peak_memory" not in quantities else f"{quantities['peak_memory']:,.0f}"


def ratio_cell(above: dict[str, float] | None, below: dict[str, float] | None, quantity: str) -> str:
    """How many times as much."""
    if not above or not below or quantity not in above or quantity not in below or not below[quantity]:
        return "–"
    return f"{above[quantity] / below[quantity]:.2f}×"


def markdown(headers: list[str], rows: Iterable[list[str]], texts: int = 1) -> str:
    """A table whose first `texts` columns are flush left."""
    ruler = [":--"] * texts + ["--:"] * (len(headers) - texts)
    return "\n".join(map(markdown_row, (headers, ruler, *rows)))


def markdown_row(cells: Iterable[str]) -> str:
    """One row of a table."""
    return f"| {' | '.join(cells)} |"


def failures(part: dict) -> list[str]:
    """Why there is no number, a line per network."""
    return [
        f"- {each['method']} ({each['implementation']}, {each['backend']}): {each['reason']}"
        for each in part["not_measured"]
    ]
