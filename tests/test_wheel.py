"""A wheel built from the repository works in an environment of its own, from any folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

CONTENT = ("hitsr", "baselines", "setup.py", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Run a command of the installed wheel in an empty folder; dependencies are this environment's."""
    folder = tmp_path_factory.mktemp("wheel")
    source, home = folder / "source", folder / "an empty folder"
    home.mkdir()
    for name in CONTENT:
        path = ROOT / name
        skipped = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(path, source / name, ignore=skipped) if path.is_dir() else shutil.copy(path, source / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, source], check=True, capture_output=True)
    wheel = next(folder.glob("*.whl"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    subprocess.run([*pip, "install", "--no-deps", "--target", site, wheel], check=True, capture_output=True)
    # a folder named in a .pth file is searched, its own .pth files (the editable install) are not
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def run(*arguments: str) -> str:
        command = [folder / "venv" / "bin" / "python", *arguments]
        done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run.home = home
    return run


def test_networks_are_built(installed):
    code = (
        "import hitsr, hitsr.baselines.swinir_light.network as network; print(network.__file__); "
        "print(hitsr.build('SwinIR-Light', 2, dim=12, depths=[1], heads=2).scale)"
    )
    path, scale = installed("-c", code).split()
    assert Path(path).is_relative_to(installed.home.parent / "venv") and scale == "2"


def test_verbs_work_from_any_folder(installed):
    listed = installed("-m", "hitsr", "networks")
    for name in ("HiT-SIR", "SwinIR-Light", "ELAN-Light"):
        assert name in listed
    counted = installed("-m", "hitsr", "count", "SwinIR-Light", "--scale", "4")
    assert "929.6" in counted and "63.59" in counted  # Table 2 of the paper: 930 K, 63.6 G


def test_images_are_super_resolved(installed):
    Image.fromarray(np.full((9, 12, 3), 128, np.uint8)).save(installed.home / "gray.png")
    small = "dim=16, depths=[1], heads=2, window_ratios=[1]"
    installed("-c", f"import hitsr; hitsr.save(hitsr.build('HiT-SIR', 2, {small}), 'weights.safetensors')")
    installed("-m", "hitsr", "upscale", "gray.png", "--weights", "weights.safetensors", "--folder", "out")
    assert Image.open(installed.home / "out" / "gray_x2.png").size == (24, 18)
