"""The catalogue of claims, hitsr/catalogs/claims.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from hitsr.schema.sections import Section, key, optional, required
from hitsr.schema.types import Mapping, Plain, Real, Text

Test = Literal["ratio", "paired", "growth", "convergence"]
Requirement = Literal["published_size", "paper_training", "paper_test_sets", "paper_input", "gpu", "seeds"]


class Bounds(Section):
    """Bounds of an exponent."""

    at_least: Real | None = optional("The exponent is at least this.")
    at_most: Real | None = optional("The exponent is at most this.")


class Claim(Section):
    """A claim of the paper, and the measurement that decides it.

    A run that does not meet the conditions that a claim `requires` shows what it measured, and what is missing.
    """

    claim: Text = required("The claim as a sentence.")
    section: Text = required("Where the paper makes it.")
    test: Test = required(
        "`ratio` of a quantity between the two methods of each pair; `paired` difference of the first method of each "
        "pair from the second over images; `growth` of an operator's cost with the tokens of a window, as an exponent; "
        "`convergence`, the share of the training after which the first method has passed the second's final score."
    )
    quantity: Text = required("The measured quantity, as in measurements.csv.")
    where: Annotated[dict[Text, Plain], Mapping] = key(
        {}, "Columns of measurements.csv that narrow it, such as `implementation` or `dataset`."
    )
    pairs: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] = key(
        [], "Pairs of methods; the claim holds if it holds for each, and does not if it fails for one."
    )
    operators: Annotated[dict[Text, Bounds], Mapping] = key({}, "Bounds of the exponent by operator (test `growth`).")
    below: Real | None = optional("The claim holds below this (tests `ratio` and `convergence`).")
    at_least: Real | None = optional("The claim holds from this (test `ratio`).")
    requires: list[Requirement] = key(
        [],
        "Conditions without which there is no verdict: `published_size` of the networks, `paper_training` (recipe and "
        "data, or given weights), `paper_test_sets` (complete), `paper_input` (a 1280x720 output), `gpu`, `seeds` (3 "
        "trainings of each method, for differences as small as chance in training).",
    )
    remark: Text = key("", "What a reader of the figures must know; shown with the conditions.")
    remedy: Text = key("", "What to run for the missing evidence.")


Claims = Annotated[dict[Annotated[str, Field(pattern="^[a-z0-9-]+$")], Claim], Mapping]
