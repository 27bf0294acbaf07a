"""The catalogue of claims, hitsr/catalogs/claims.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from hitsr.schema.sections import Section, key, optional, required
from hitsr.schema.types import Distinct, Mapping, Plain, Real, Scale, Text

Test = Literal["ratio", "paired", "growth", "convergence"]
Requirement = Literal["published_size", "paper_training", "paper_test_sets", "paper_input", "gpu", "a100", "seeds"]


class Claim(Section):
    """A claim of the paper, and the measurement that decides it.

    It holds if the whole 95 % interval of every comparison is beyond the bound, does not hold if one is on the other
    side, and is undecided otherwise. A run that does not meet the conditions that a claim `requires` shows what it
    measured, and what is missing.
    """

    claim: Text = required("The claim as a sentence.")
    section: Text = required("Where the paper makes it, or that the place is not known.")
    test: Test = required(
        "`ratio` of a quantity between the two methods of each pair; `paired` difference of the first method of each "
        "pair from the second, over images stratified by test set and over trainings; `growth` of an operator's cost "
        "with the tokens of a window, as an exponent; `convergence`, the ratio of the iterations that two methods take "
        "to a score."
    )
    quantity: Text = required("The measured quantity, as in measurements.csv.")
    where: Annotated[dict[Text, Plain], Mapping] = key(
        {}, "Columns of measurements.csv that narrow it, such as `implementation` or `dataset`."
    )
    scales: Annotated[list[Scale], Distinct] = key([], "Scales that it is about; all of the run if none are given.")
    pairs: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] = key(
        [], "Pairs of methods; the claim is about each of them, at every scale."
    )
    operators: Annotated[list[Text], Distinct] = key([], "Operators that it is about (test `growth`).")
    beside: Annotated[list[Text], Distinct] = key([], "Operators that are shown beside them (test `growth`).")
    targets: Annotated[dict[Text, Real], Mapping] = key(
        {}, "Score by test set, below what both methods reach in the end (test `convergence`)."
    )
    below: Real | None = optional("The claim holds below this (all tests but `paired`).")
    at_least: Real | None = optional("The claim holds above this; a difference above 0 if left out (test `paired`).")
    requires: list[Requirement] = key(
        [],
        "Conditions without which there is no verdict: `published_size` of the networks, all options alike; "
        "`paper_training` (recipe and data, or weights whose checksum the catalogue has); `paper_test_sets`, by their "
        "pixels; `paper_input` (640x360 at x2); `gpu`; `a100` (another GPU gets a verdict of its own); `seeds` (3 "
        "trainings of each method, for differences as small as chance in training, or known weights).",
    )
    remark: Text = key("", "What a reader of the figures must know; shown with the conditions.")
    remedy: Text = key("", "What to run for the missing evidence.")


Claims = Annotated[dict[Annotated[str, Field(pattern="^[a-z0-9-]+$")], Claim], Mapping]
