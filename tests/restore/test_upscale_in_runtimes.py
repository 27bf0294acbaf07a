"""`hitsr upscale --backend`: the images of PyTorch, by a graph that is exported once; PyTorch where memory is short."""

from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

import hitsr
from hitsr.cli import app
from hitsr.data.images import read_rgb, write_png
from hitsr.errors import ConfigError, ResultError
from hitsr.export.kept import Kept, exported, folder_of_exports
from hitsr.export.network import InRuntime
from hitsr.measure.memory import RESERVE
from hitsr.restore.within import told

SIZES = {"a": (12, 17), "b": (30, 9)}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    hitsr.save(hitsr.build("IMDN", 2, dim=16, blocks=1), path, {})
    return path


@pytest.fixture(scope="module", params=["onnxruntime", "openvino"])
def backend(request, tmp_path_factory):
    """A runtime that is installed, with an empty folder of exported networks."""
    for package in ("onnxscript", request.param):
        pytest.importorskip(package, reason=f"pip install 'hitsr[{request.param.replace('runtime', '')}]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield request.param


@pytest.fixture
def images(tmp_path, random):
    for name, size in SIZES.items():
        write_png(tmp_path / "low" / f"{name}.png", random.integers(0, 256, (*size, 3), dtype=np.uint8))
    return tmp_path / "low"


def call(weights, images, folder, *arguments):
    return CliRunner().invoke(
        app, ["upscale", str(images), "--weights", str(weights), "--folder", str(folder), *arguments]
    )


def test_the_images_are_those_of_pytorch(backend, weights, images, tmp_path):
    model = hitsr.load(weights)
    for how, arguments in (({}, []), ({"tile": 32, "self_ensemble": True}, ["--tile", "32", "--self-ensemble"])):
        done = call(weights, images, tmp_path / "high", "--backend", backend, *arguments)
        assert done.exit_code == 0, done.output
        assert f"IMDN x2 by {backend} on cpu" in done.stdout
        for name in SIZES:
            expected = hitsr.upscale(model, read_rgb(images / f"{name}.png"), **how)
            found = read_rgb(tmp_path / "high" / f"{name}_x2.png")
            # means that lie at a half up to rounding of floats go to either side
            assert np.abs(found.astype(int) - expected).max() <= 1 and np.mean(found != expected) < 1e-2


def test_it_is_exported_once_for_weights_that_are_as_they_were(backend, weights):
    model, said = hitsr.load(weights), []
    kept = exported(model, backend, said.append)
    assert exported(model, backend, said.append) == kept and kept.path.is_relative_to(folder_of_exports())
    said.clear()
    kept.path.write_bytes(kept.path.read_bytes()[:-1])
    assert exported(model, backend, said.append).path == kept.path and "exporting IMDN x2" in said[0]
    assert "differs from PyTorch by" in said[1]
    with torch.no_grad():
        next(model.parameters())[0] += 1
    assert exported(model, backend, said.append).path != kept.path and len(said) == 4


def test_pytorch_computes_what_the_runtime_has_no_memory_for(random):
    model = hitsr.build("HiT-SIR", 2, dim=16, depths=(1,), heads=2, window_ratios=(1,)).eval()
    image, said = random.integers(0, 256, (12, 17, 3), dtype=np.uint8), []
    # of a graph that is nowhere: nothing may try to load it
    network = InRuntime(model, Kept("onnxruntime", Path("nowhere.onnx"), 1e9), 1, said.append)
    for how in ({}, {"max_memory": "1GiB"}):
        assert np.array_equal(hitsr.upscale(network, image, **how), hitsr.upscale(model, image))
    assert len(said) == 1 and said[0].startswith("17x12 pixels may take") and "PyTorch computes" in said[0]


def test_memory_that_the_runtime_holds_is_used_again(weights, monkeypatch):
    network, said = InRuntime(hitsr.load(weights), Kept("onnxruntime", Path("nowhere.onnx"), 1e6), 1, print), []
    left = iter([RESERVE + 6000, RESERVE + 2100, RESERVE + 2100])  # of which a pass takes 3906 MiB
    monkeypatch.setattr("hitsr.export.network.available", lambda: next(left))
    network.say, network._run = said.append, lambda image: np.tile(image, (2, 2))
    for sides, known in (((64, 64), 0), ((60, 50), 0), ((65, 60), 1)):
        hitsr.upscale(network, np.zeros((*sides, 3), np.uint8))
        assert len(said) == known


def test_too_little_memory_names_the_image_and_the_remedy(backend, weights, images, tmp_path):
    done = call(weights, images / "a.png", tmp_path / "high", "--backend", backend, "--max-memory", "1KiB")
    assert done.exit_code == 1 and not (tmp_path / "high").exists()
    assert f"error: {images / 'a.png'}: max_memory: 17x12 pixels may take" in done.stderr and "tiles" in done.stderr


def test_a_runtime_that_fails_gives_no_image(weights):
    network = InRuntime(hitsr.load(weights), Kept("onnxruntime", Path("nowhere.onnx"), 0.0), 1, print)

    def short(image):
        raise RuntimeError("bad allocation")

    def broken(image):
        raise RuntimeError("no such kernel")

    for run, error in (
        (short, MemoryError),
        (broken, ResultError),
        (lambda image: np.empty((1, 3, 0, 0), np.float32), MemoryError),
    ):
        network._run = run
        with pytest.raises(error):
            hitsr.upscale(network, np.zeros((8, 8, 3), np.uint8))
        assert network._run is None, "a runtime that failed is loaded anew"


def test_progress_by_passes(weights):
    network, shares = InRuntime(hitsr.load(weights), Kept("onnxruntime", Path("nowhere.onnx"), 0.0), 1, print), []
    network._run = lambda image: np.tile(image, (2, 2))
    with told(network, 4, shares.append):
        hitsr.upscale(network, np.zeros((40, 40, 3), np.uint8), tile=32)
    assert shares == [0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backend", "tensorrt"], "expected one of eager, onnxruntime, openvino"),
        (["--backend", "onnxruntime", "--device", "cuda"], "computes on the CPU"),
        (["--backend", "openvino", "--precision", "bfloat16"], "computes in float32"),
        (["--backend", "onnxruntime"], "missing: onnxscript; pip install 'hitsr[onnx]'"),
    ],
)
def test_what_does_not_fit_is_explained(weights, images, tmp_path, monkeypatch, arguments, message):
    monkeypatch.setattr("hitsr.measure.time.backends.onnxruntime.missing", lambda *names: ["onnxscript"])
    done = call(weights, images, tmp_path / "high", *arguments)
    assert isinstance(done.exception, ConfigError) and message in str(done.exception)
    assert not (tmp_path / "high").exists()
