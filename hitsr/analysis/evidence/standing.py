"""Reduced methods in place of those that a claim names: where the run scored no pair of those, and said to be that."""

from hitsr.analysis.measurements import numbers
from hitsr.analysis.run import Run
from hitsr.configuration.ablations import all_methods


def standing(run: Run, claim: dict) -> tuple[dict, list[str]]:
    """A claim with the run's reduced stand-ins for the pairs of which it did not score both, and what stands for what.

    A full-size method is never set beside a reduced one: both of a pair are replaced, or none.
    """
    rows, where = numbers(run.table, claim["quantity"]), claim["where"].get("dataset")
    if where is not None:
        rows = rows[rows.dataset.isin([where, *run.names(where)])]
    scored = set(rows.method)
    reduced = {entry["stands_for"]: name for name, entry in all_methods(run.config).items() if name in scored}
    pairs: list[list[str]] = []
    said: dict[str, None] = {}
    for pair in claim["pairs"]:
        found = [reduced[name] for name in pair if name in reduced]
        if len(found) == len(pair) and not scored.issuperset(pair):
            said |= {f"{own} stands for {name}": None for own, name in zip(found, pair, strict=True)}
            pairs.append(found)
        else:
            pairs.append(pair)
    return {**claim, "pairs": pairs}, list(said)
