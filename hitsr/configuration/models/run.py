"""The whole configuration of a run."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from hitsr.configuration.models.ablation import Axis
from hitsr.configuration.models.dataset import Dataset
from hitsr.configuration.models.measurements import AttentionCost, Attribution, Complexity, Latency
from hitsr.configuration.models.method import Method
from hitsr.configuration.models.report import Report
from hitsr.configuration.models.restore import Restore
from hitsr.configuration.models.train import Train
from hitsr.results.fingerprints import ROOT
from hitsr.schema.sections import Section, key, section
from hitsr.schema.types import (
    AxisName,
    DatasetName,
    Distinct,
    Mapping,
    MethodName,
    Natural,
    PathText,
    RunName,
    Scale,
    Text,
)


def _in_checkout(folder: str) -> str:
    """A folder of the checkout, such as that of a committed configuration, also where a run is started elsewhere."""
    if not Path(folder).exists() and (ROOT / folder).is_dir():
        return str(ROOT / folder)
    return folder


class Run(Section):
    """What is trained, measured and reported. Every key has a default, so a run states only what it changes."""

    run: RunName = key("demo", "Name of the run; results go to results/RUN/, reports to reports/RUN/.")
    scales: Annotated[list[Scale], Field(min_length=1), Distinct] = key([2], "Scale factors of the super-resolution.")
    seeds: Annotated[list[Natural], Field(min_length=1), Distinct] = key(
        [0], "One training per seed; tables give the mean over seeds."
    )
    methods: Annotated[dict[MethodName, Method], Field(min_length=1), Mapping] = key(
        {"Bicubic": {}, "SwinIR-Light": {}, "HiT-SIR": {}},
        "The rows of every table, in this order; each a name that `hitsr methods` lists, or a new one that says what "
        "it is.",
    )
    ablations: Annotated[dict[AxisName, Axis], Mapping] = key(
        {}, "The axes of hitsr/catalogs/ablations.yaml that the run studies, each with {} or the keys it changes."
    )
    plugins: Annotated[list[Annotated[PathText, AfterValidator(_in_checkout)]], Distinct] = key(
        [],
        "Folders outside the repository: of a method (`method.yaml`), or of several, of metrics, tables and figures.",
    )
    datasets: Annotated[dict[DatasetName, Dataset], Mapping] = key(
        {}, "Data sets by name; the keys below refer to these names."
    )
    data_root: PathText | None = key(
        None,
        "Folder of the public data sets, adopted from the customary layouts or downloaded there; that of the "
        "environment variable HITSR_DATA, else `datasets`, if left out.",
    )
    weights_root: PathText | None = key(
        None,
        "Folder of published weights, for methods with `weights: published`; that of the environment variable "
        "HITSR_WEIGHTS, else `weights`, if left out. `hitsr weights` lists, gets and checks them.",
    )
    training_set: Text | None = key(
        None, "Data set that the networks are trained on; none if every method brings its `weights`."
    )
    validation_set: Text | None = key(
        None, "Data set of the validation PSNR during training; never one of the test sets."
    )
    watched_sets: Annotated[list[Text], Distinct] = key(
        [],
        "Test sets whose PSNR is recorded at every `train.validate_every`, for convergence curves beside the published "
        "ones. Recorded is not selected: the last weights are reported, whatever these numbers are.",
    )
    test_sets: Annotated[list[Text], Distinct] = key(
        [], "Data sets that every method is scored on, in the order of the table's columns."
    )
    metrics: Annotated[list[Text], Field(min_length=1), Distinct] = key(
        ["psnr", "ssim"],
        "Metrics of the super-resolved images, in tables, statistics and crops; the first one where only one is shown. "
        "`hitsr list` describes them.",
    )
    train: Train = section(Train)
    restore: Restore = section(Restore)
    complexity: Complexity = section(Complexity)
    latency: Latency = section(Latency)
    attribution: Attribution = section(Attribution)
    attention_cost: AttentionCost = section(AttentionCost)
    report: Report = section(Report)
