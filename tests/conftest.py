"""What several tests share: the reference data outside the repository, and small data sets."""

import os
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference data (golden outputs, official weights, test sets); the test is skipped without it."""
    folder = (ROOT / os.environ.get("HITSR_SHARED", "../shared")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder}; set HITSR_SHARED to their folder")
    return folder


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)
