"""Settings of steps: a change of the configuration redoes the steps that it reaches, and no other one."""

import copy

import pytest
import yaml
from conftest import ROOT

from hitsr.configuration import resolve, trained
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.questions import networks
from hitsr.configuration.steps import MAKERS, Steps, files_of
from hitsr.errors import ResultError
from hitsr.results import fingerprints
from hitsr.results.settings import Given, read_settings

DEMO = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
SMALL = "HiT-SIR-small"
RESULT = {"method": SMALL, "scale": 2, "seed": 0}
JOBS = {
    "prepare": {"dataset": "photographs", "scale": 2},
    "bicubic": {"dataset": "photographs", "scale": 2},
    "pack": {"dataset": "demo-train", "part": "HR"},
    "leaks": {},
    "train": RESULT,
    "restore": {**RESULT, "dataset": "photographs"},
    "score": {**RESULT, "dataset": "photographs"},
    "count": {"method": "HiT-SIR", "scale": 2},
    "time": {"scale": 2},
    "time_resolutions": {"scale": 2},
    "time_attention": {},
    "attribute": RESULT,
    "collect": {},
    "crops": {},
    "table": {"name": "main"},
    "figure": {"name": "cost"},
    "claims": {},
    "page": {},
}
"""A job of every step of the demo; only `download` needs a public data set."""


def changed(**keys) -> dict:
    return {**copy.deepcopy(DEMO), **keys}


def of_hit(**keys) -> dict:
    """The demo with other keys of its reduced HiT-SIR."""
    methods = copy.deepcopy(DEMO["methods"])
    methods[SMALL] = {**methods[SMALL], **keys}
    return changed(methods=methods)


def digests(raw: dict) -> dict[str, str]:
    """Digests of every job that a change of the reduced HiT-SIR could reach."""
    config = resolve(raw)
    steps = Steps(config)
    jobs = [(noun, wildcards) for noun, wildcards in JOBS.items() if noun not in ("train", "restore", "count")]
    for method, entry in all_methods(config).items():
        if not entry["unavailable"]:
            jobs.append(("restore", {**JOBS["restore"], "method": method}))
        if method in trained(config):
            jobs += [("train", {**RESULT, "method": method}), ("count", {"method": method, "scale": 2})]
    return {
        f"{noun} {wildcards.get('method', '')}".strip(): steps.make(noun, **wildcards).digest
        for noun, wildcards in jobs
    }


def redone(raw: dict) -> set[str]:
    before, after = digests(DEMO), digests(raw)
    return {key for key in before if before[key] != after[key]}


FAMILY = [SMALL, *resolve(DEMO)["variants"]]
"""What a change of the reduced HiT-SIR reaches: its ablations too."""
RENDERED = {"table", "figure", "crops", "claims", "page"}


def test_looks_redraw_figures_and_page():
    assert redone(of_hit(colour="#123456")) == {"figure", "page"}


def test_a_table_more_makes_the_page():
    report = copy.deepcopy(DEMO["report"])
    assert redone(changed(report={**report, "tables": [*report["tables"], "complexity"]})) == {"page"}


def test_a_key_of_training_retrains():
    reached = redone(of_hit(train={"learning_rate": 0.001}))
    assert reached - RENDERED == {f"train {m}" for m in FAMILY} | {"collect"}


def test_an_option_redoes_all_of_its_network():
    options = {**DEMO["methods"][SMALL]["options"], "reduction": 4}
    reached = redone(of_hit(options=options)) - {"table", "figure", "crops", "claims", "page"}
    steps = {f"{step} {m}" for step in ("train", "restore", "count") for m in FAMILY}
    assert reached == steps | {"time", "time_resolutions", f"attribute {SMALL}", "collect"}


@pytest.mark.parametrize("keys", [{key: value} for key, value in (
    ("checkpoint_every", 7), ("device", "cpu"), ("log_every", 7), ("validate_every", 7), ("threads", 2),
    ("data_on_device", False), ("activation_checkpointing", True), ("processes", 2),
)])  # fmt: skip
def test_how_a_training_runs_retrains_nothing(keys):
    reached = redone(changed(train={**DEMO["train"], **keys}))
    assert reached <= RENDERED


def test_an_input_of_the_timing_times_again():
    reached = redone(changed(latency={**DEMO["latency"], "input": [32, 24]}))
    # `time_resolutions` leaves out the size that `time` times
    assert reached - RENDERED == {"time", "time_resolutions", "collect"}


def test_self_ensemble_restores_again():
    """It changes the images, as tiles and precision do; threads do not."""

    def restoring(**keys) -> str:
        return Steps(resolve(changed(restore=keys))).make("restore", **JOBS["restore"]).digest

    assert restoring(threads=2) == restoring() != restoring(self_ensemble=True)
    assert len({restoring(self_ensemble=True), restoring(tile=64), restoring(precision="bfloat16"), restoring()}) == 4


def test_a_second_test_set_restores_and_scores_only_itself():
    def scored(raw: dict) -> dict[str, str]:
        config = resolve(raw)
        return {
            str(path): Steps(config).make(noun, **job).digest
            for path, (noun, job) in files_of(config, "quality").items()
        }

    datasets = {**DEMO["datasets"], "more": {"photographs": ["astronaut"], "rows": [0.8, 1]}}
    before, after = scored(DEMO), scored(changed(datasets=datasets, test_sets=["photographs", "more"]))
    assert {path: digest for path, digest in after.items() if path in before} == before
    assert {path.rsplit("/", 1)[1] for path in after.keys() - before.keys()} == {"more.json"}


def test_every_step_has_settings_code_and_a_file(tmp_path):
    """The code of every step is there; what a step is given is read back as it was."""
    steps = Steps(resolve(DEMO))
    given = Given(tmp_path)
    assert MAKERS.keys() | {"collect"} == JOBS.keys() | {"download", "fetch"}
    paths = {}
    for noun, wildcards in JOBS.items():
        step = steps.make(noun, **wildcards)
        assert step.noun == noun and len(step.fingerprint) == 12
        paths[given.path(step)] = step
    assert not list(tmp_path.iterdir()), "nothing is written before the workflow starts"
    given.write()
    for path, step in paths.items():
        assert read_settings(path, type(step)) == step
    assert sorted(paths) == sorted(tmp_path.iterdir())


def test_damaged_settings_are_refused(tmp_path):
    given = Given(tmp_path, started=True)
    step = Steps(resolve(DEMO)).make("train", **RESULT)
    path = given.path(step)
    path.write_text(path.read_text().replace('"learning_rate": 0.002', '"learning_rate": 0.003'))
    with pytest.raises(ResultError, match="was changed or damaged"):
        read_settings(path, type(step))
    given.path(step)
    assert read_settings(path, type(step)) == step, "starting again heals it"


def test_training_depends_on_nothing_that_is_only_recorded():
    """No scoring, inference, report or verb is in its fingerprint; network, data and loop are."""
    files = set(Steps(resolve(DEMO)).make("train", **RESULT).code)
    assert {"hitsr/networks/hit_sir.py", "hitsr/data/patches.py", "hitsr/training/trainer.py"} <= files
    rooms = ("measure", "restore", "report", "analysis", "cli", "planning", "results", "configuration")
    assert not [file for file in files if file.startswith(tuple(f"hitsr/{room}/" for room in rooms))]


def test_restoring_depends_on_what_computes_it():
    """An interpolation on no network, nor on how one is streamed; a network on its own layers and on both."""
    steps = Steps(resolve(DEMO))
    code = {m: set(steps.make("restore", **{**JOBS["restore"], "method": m}).code) for m in ("Bicubic", SMALL)}
    assert "hitsr/data/degradation.py" in code["Bicubic"]
    of_networks = ("hitsr/networks/", "hitsr/optimized/", "hitsr/checkpoints/", "hitsr/restore/inference.py")
    assert not [file for file in code["Bicubic"] if file.startswith(of_networks)]
    assert {"hitsr/networks/hit_sir.py", "hitsr/optimized/streaming/bands.py"} <= code[SMALL]


def test_fingerprints_of_all_networks_differ():
    config = resolve(DEMO)
    full = [m for m in networks(config) if config["methods"][m]["stands_for"] is None]
    found = {m: Steps(config).make("train", **{**RESULT, "method": m}).fingerprint for m in full}
    assert len(set(found.values())) == len(full) == 8
    fingerprints.clear()


@pytest.mark.parametrize(("suffix", "read"), [("pth", True), ("safetensors", False)])
def test_the_layout_of_official_weights_is_part_of_restoring(tmp_path, suffix, read):
    """Code that says which tensor is which; our own files name theirs."""
    weights = tmp_path / f"weights.{suffix}"
    weights.write_bytes(b"not read before the step runs")
    steps = Steps(resolve(of_hit(weights={"2": str(weights)})))
    code = steps.make("restore", **JOBS["restore"]).code
    assert ("hitsr/networks/hit_layout.py" in code) == ("hitsr/checkpoints/unwrapping.py" in code) == read
    assert "hitsr/networks/hit_layout.py" not in steps.make("train", **{**RESULT, "method": "SwinIR-Light"}).code
