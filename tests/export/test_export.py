"""Exported networks in their runtimes against PyTorch, over sizes; what files say; what is refused.

All networks at full size: `make exports`.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import hitsr
from hitsr.cli.app import app
from hitsr.errors import ConfigError, OptionError, ResultError
from hitsr.export import packages, runtimes
from hitsr.export.check import OPEN_SIZES, TOLERANCE, difference_from_eager
from hitsr.export.graph import graph_form, weights_digest
from hitsr.export.run import export
from hitsr.measure.time import backends
from hitsr.measure.time.contestants import Setting
from hitsr.measure.time.subject import image
from hitsr.measure.time.tasks import forward

NETWORKS = {
    "HiT-SIR": {"dim": 24, "depths": (3,), "heads": 2, "window_ratios": (1, 2, 4)},
    "HiT-SNG": {"dim": 24, "depths": (2, 2), "heads": 2, "window_ratios": (0.5, 2)},
    "SRFormer-Light": {"dim": 8, "depths": (2, 2), "heads": 2},
    "IMDN": {"dim": 16, "blocks": 1},
}
"""Small ones of four kinds: correlation, with each way to pool and to project; the same with n-grams; shifted windows
with masks; convolutions."""
SIZES = ((37, 29), (16, 16), (5, 40), (1, 1))


def built(name: str, implementation: str = "optimized", **options: object) -> torch.nn.Module:
    """With the options of `NETWORKS`, if no others are given."""
    torch.manual_seed(0)
    model = hitsr.build(name, 2, implementation=implementation, **(options or NETWORKS[name])).eval()
    for parameter in model.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.5 / np.sqrt(parameter[0].numel()))
        else:
            parameter.data += 0.1 * torch.randn_like(parameter)
    return model


def in_runtimes(path: Path) -> dict[str, runtimes.Run]:
    """A graph in every runtime that is installed."""
    loaded = {name: load(path, 1) for name, load in runtimes.LOADERS.items() if not packages.missing(name)}
    return loaded or pytest.skip("no runtime: pip install 'hitsr[onnx]'")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_form_is_the_network_and_leaves_it_alone(name):
    for implementation in ("optimized", "reference"):
        model = built(name, implementation)
        kinds, digest = [type(module) for module in model.modules()], weights_digest(model)
        with torch.autocast("cpu", torch.bfloat16):
            copied = graph_form(model)
        with torch.no_grad():
            x = torch.rand(1, 3, 21, 18)
            torch.testing.assert_close(copied(x), model(x), rtol=0, atol=1e-5)
        assert [type(module) for module in model.modules()] == kinds and weights_digest(model) == digest


@pytest.mark.parametrize("name", ["HiT-SIR", "HiT-SNG", "SRFormer-Light"])
def test_any_size_in_both_runtimes(name, tmp_path, random):
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    onnx = pytest.importorskip("onnx", reason="pip install 'hitsr[onnx]'")
    model, path = built(name), tmp_path / "network.onnx"
    exported = export(model, path, "onnx")
    graph = onnx.load(path)
    said = {each.key.removeprefix("hitsr."): each.value for each in graph.metadata_props}
    assert (said["network"], said["scale"], said["input"], said["image_range"]) == (name, "2", "any", "1")
    assert said["weights_sha256"] == weights_digest(model) and said["opset"] == str(graph.opset_import[0].version)
    assert json.loads(said["options"])["dim"] == NETWORKS[name]["dim"]
    assert exported.bytes < 4 * sum(p.numel() for p in model.parameters()) + 2**19
    runs = in_runtimes(path)
    if "onnxruntime" in runs:
        assert exported.checked.runtime == "onnxruntime" and exported.checked.difference <= TOLERANCE
    for width, height in SIZES:
        photograph = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        for run in runs.values():
            assert difference_from_eager(model, run, photograph) < 1e-5


@pytest.mark.parametrize(
    "options",
    [
        {"keys": "separate", "pooling": "mean", "channel_heads": 2, "features": "sum"},
        {"correlation": "spatial", "features": "linear"},
        {"correlation": "channel", "features": "convolution"},
        {"position_bias": False},
    ],
    ids=lambda options: "-".join(map(str, options.values())),
)
def test_ablations_in_both_runtimes(options, tmp_path, random):
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    model = built("HiT-SIR", **{**NETWORKS["HiT-SIR"], "depths": (2,), "window_ratios": (1, 4), **options})
    export(model, tmp_path / "network.onnx", "onnx")
    photograph = random.integers(0, 256, (35, 44, 3), dtype=np.uint8)
    for run in in_runtimes(tmp_path / "network.onnx").values():
        assert difference_from_eager(model, run, photograph) < 1e-5


def test_a_file_that_differs_is_not_written(tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime", reason="pip install 'hitsr[onnx]'")
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    path = tmp_path / "network.onnx"
    path.write_text("the old one")
    monkeypatch.setitem(
        runtimes.LOADERS, "onnxruntime", lambda graph, threads: lambda image: np.tile(image, (2, 2)) + 2e-4
    )
    with pytest.raises(ResultError, match="not written: in onnxruntime the exported IMDN differs .* by .*; report it"):
        export(built("IMDN"), path, "onnx", (16, 8))
    assert path.read_text() == "the old one" and list(tmp_path.iterdir()) == [path]


def test_weights_that_amplify_rounding_are_told_from_a_fault_of_the_runtime(tmp_path):
    """With weights that make an image of millions of white, float32 is off by more than a runtime may be."""
    pytest.importorskip("onnxruntime", reason="pip install 'hitsr[onnx]'")
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    model = built("IMDN")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 8
    with pytest.raises(
        ResultError, match="PyTorch itself gives another image in float64, by .*: they amplify rounding"
    ):
        export(model, tmp_path / "network.onnx", "onnx", (16, 8))


def test_what_is_no_number_in_one_of_the_sizes_is_refused(tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime", reason="pip install 'hitsr[onnx]'")
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    model = built("IMDN")
    last = OPEN_SIZES[-1]

    @torch.no_grad()
    def run(image: np.ndarray) -> np.ndarray:
        found = model(torch.from_numpy(image)).numpy()
        return np.full_like(found, np.nan) if image.shape[:1:-1] == last else found

    monkeypatch.setitem(runtimes.LOADERS, "onnxruntime", lambda graph, threads: run)
    with pytest.raises(ResultError, match="differs from PyTorch by nan"):
        export(model, tmp_path / "network.onnx", "onnx")
    assert not list(tmp_path.iterdir())


def test_openvino_writes_two_files_that_read_back(tmp_path, random):
    openvino = pytest.importorskip("openvino", reason="pip install 'hitsr[openvino]'")
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    model, path = built("IMDN"), tmp_path / "network.xml"
    exported = export(model, path, "openvino", (37, 29))
    assert exported.files == (path, tmp_path / "network.bin") and len(list(tmp_path.iterdir())) == 2
    read = openvino.Core().read_model(path)
    assert read.get_rt_info(["hitsr", "input"]).astype(str) == "37x29"
    assert read.get_rt_info(["hitsr", "weights_sha256"]).astype(str) == weights_digest(model)
    photograph = random.integers(0, 256, (29, 37, 3), dtype=np.uint8)
    assert difference_from_eager(model, runtimes.in_openvino(read, 1), photograph) < 1e-5


def test_the_reference_implementation_is_not_timed_under_another_name():
    if reason := backends.load("onnxruntime").available(torch.device("cpu")):
        pytest.skip(reason)
    for implementation in ("reference", "fixed_size"):
        model = hitsr.build("SwinIR-Light", 2, implementation=implementation, dim=8, depths=(1,), heads=2)
        with pytest.raises(ResultError, match="exported graphs have the optimized algebra"):
            forward(model, image((8, 8)), Setting(2, 0, 1, 1, "cpu"), "onnxruntime")


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_back_ends_give_the_image_and_say_how_they_came_to_it(name):
    engine = backends.load(name)
    reason = engine.available(torch.device("cpu"))
    if reason:
        pytest.skip(reason)
    ready = forward(built("IMDN"), image((24, 16)), Setting(2, 0, 1, 1, "cpu"), name)
    assert ready.facts["difference"] < 1e-5 and ready.facts["export_s"] > 0 and ready.facts["load_s"] > 0
    assert ready.check(ready.work()).shape == (1, 3, 32, 48) and ready.holds_memory and ready.peak >= 0
    assert "CUDA" in engine.available(torch.device("cuda")) or "cuda" in engine.available(torch.device("cuda")).lower()


def test_what_is_missing_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "missing", lambda *names: ["onnxscript"])
    with pytest.raises(OptionError, match=r"export to onnx: missing: onnxscript; pip install 'hitsr\[onnx\]'"):
        export(built("IMDN"), tmp_path / "network.onnx", "onnx")
    for path, kind, message in (("a.pth", "onnx", "ends with .onnx"), ("a.onnx", "torchscript", "onnx, openvino")):
        with pytest.raises(ConfigError, match=message):
            export(built("IMDN"), tmp_path / path, kind)
    assert "CUDA" in backends.load("tensorrt").available(torch.device("cpu"))


def test_the_verb_needs_a_network(tmp_path):
    from typer.testing import CliRunner

    found = CliRunner().invoke(app, ["export", "--output", str(tmp_path / "a.onnx"), "--method", "IMDN"])
    assert isinstance(found.exception, ConfigError) and "--method and --scale" in str(found.exception)
    assert not list(Path(tmp_path).iterdir())
