"""What several tests share: the reference data outside the repository, and small data sets."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from hitsr.data.prepare import prepare

ROOT = Path(__file__).resolve().parent.parent
TRANSFORMERS = ("SwinIR-Light", "ELAN-Light", "SwinIR-NG", "SRFormer-Light", "HiT-SIR", "HiT-SNG", "HiT-SRF")
"""The networks of window attention; tests/networks/test_table2_networks.py is about the others."""

# hundreds of processes import the same modules: with PYTHONDONTWRITEBYTECODE each would compile them again
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# read when Triton is imported: without a GPU its interpreter runs the kernels
if not torch.cuda.is_available():
    os.environ.setdefault("TRITON_INTERPRET", "1")

# threads of one worker that wait for each other, which they do busily, take the cores from the other workers
if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)

SHARED = (ROOT / os.environ.get("HITSR_SHARED", "../shared")).resolve()
for variable, folder in (("HITSR_DATA", "data"), ("HITSR_WEIGHTS", "weights")):
    if (SHARED / folder).is_dir():
        os.environ.setdefault(variable, str(SHARED / folder))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference data (golden outputs, official weights, test sets); the test is skipped without it."""
    if not SHARED.is_dir():
        pytest.skip(f"no reference data at {SHARED}; set HITSR_SHARED to their folder")
    return SHARED


@pytest.fixture(scope="session")
def cuda() -> torch.device:
    """A GPU; the test is skipped without one."""
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return torch.device("cuda")


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """Folder with `train` and `validation`, parts of one photograph, at x2 and x3."""
    folder = tmp_path_factory.mktemp("data")
    for scale in (2, 3):
        prepare({"photographs": ["coffee"], "rows": [0, 0.3]}, "train", scale, folder / "train")
        prepare({"photographs": ["coffee"], "rows": [0.3, 0.5]}, "validation", scale, folder / "validation")
    return folder


@pytest.fixture
def judged(tmp_path, monkeypatch) -> type:
    """Makes a made-up run in a folder of its own, for claims to be judged: `tests/report/judging.py`."""
    from judging import Judged

    monkeypatch.chdir(tmp_path)
    return Judged


@pytest.fixture(scope="module")
def ideal(tmp_path_factory):
    """An ideal made-up run and what claims say of it, in whose folder the tests of a file run."""
    from judging import IDEAL, Judged

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("ideal"))
        run = Judged()
        yield run, run.judge(run.simulation.draw(IDEAL, np.random.default_rng(1)))


@pytest.fixture
def small_parts(monkeypatch) -> None:
    """Exported graphs cut the maps of small networks into parts too."""
    from hitsr.export import parts

    for name, numbers in (("WHOLE", 2**12), ("PART", 2**12), ("SMALLEST", 2**6)):
        monkeypatch.setattr(parts, name, numbers)
