"""One declaration of the dependencies serves pip, conda and the lock file."""

import re
import tomllib

import yaml
from conftest import ROOT

UNLOCKED = ("spandrel", "perceptual", "openvino", "tensorboard")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def names(requirements):
    return {re.split(r"[<>=~!\[ ;]", line)[0].lower().replace("_", "-") for line in requirements}


def locked():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_lock_covers_what_is_declared():
    # torchvision, which two of these need, has no build without CUDA everywhere, and OpenVINO is 60 MB to download for
    # a second runtime, TensorBoard a server that few need: users install them themselves
    extras = {name: needs for name, needs in PROJECT["optional-dependencies"].items() if name not in UNLOCKED}
    declared = PROJECT["dependencies"] + sum(extras.values(), [])
    assert names(declared) <= names(locked())
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.]+", line) for line in locked())


def test_conda_environment_installs_the_same():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert pip == ["-r requirements.lock", "-e ."]
    python = next(entry for entry in environment["dependencies"] if str(entry).startswith("python"))
    assert python.startswith(f"python{PROJECT['requires-python']}")


def test_fixed_top_level():
    for name in ("workflow", "hitsr", "baselines", "results", "reports", "tests", "Snakefile", "environment.yml"):
        assert (ROOT / name).exists(), name
