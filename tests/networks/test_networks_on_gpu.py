"""On a GPU: the same images as on a CPU, by both implementations of every network, and in every back-end."""

import pytest
import torch

import hitsr
from hitsr.measure.time import backends
from hitsr.networks.identity import identity
from hitsr.networks.registry import networks
from hitsr.optimized import fused
from hitsr.precision import computing_in

COMPILED = {"HiT-SIR": {"depths": [2, 2]}, "SwinIR-Light": {"depths": [2, 2]}, "IMDN": {}}


@pytest.fixture(scope="module")
def references():
    return {}


def difference(output: torch.Tensor, wanted: torch.Tensor) -> float:
    return ((output.double().cpu() - wanted).norm() / wanted.norm()).item()


@torch.no_grad()
@pytest.mark.parametrize(("precision", "most"), [("float32", 1e-5), ("tf32", 3e-3), ("bfloat16", 3e-2)])
@pytest.mark.parametrize("implementation", ["reference", "fixed_size", "optimized"])
@pytest.mark.parametrize("name", networks())
def test_same_image_as_in_float64_on_a_cpu(cuda, references, name, implementation, precision, most):
    """Of random weights with biases and gains of all sizes, at a size that is no multiple of a window."""
    torch.manual_seed(0)
    # in its own range of values and fresh, float32 is 5 % off float64 on any device
    options = {"rgb_range": 1} if name == "ELAN-Light" else {}
    model = hitsr.build(name, 2, implementation=implementation, **options).eval()
    for parameter in model.parameters():
        parameter.add_(torch.randn_like(parameter) * 0.01)
    image = torch.rand(1, 3, 45, 71) * identity(model).image_range
    if name not in references:
        exact = hitsr.build(name, 2, implementation="reference", **options).eval()
        exact.load_state_dict(model.state_dict())
        references[name] = exact.double()(image.double())
    model = model.to(cuda)
    with computing_in(precision, cuda):
        assert difference(model(image.to(cuda)), references[name]) < most


@torch.no_grad()
@pytest.mark.parametrize("name", COMPILED)
@pytest.mark.parametrize("backend", ["cudagraph", "compile", "compile_cudagraph"])
def test_back_ends_give_the_image_of_eager(cuda, name, backend):
    """Also of another image than the one that they were prepared with."""
    engine = backends.load(backend)
    assert engine.available(cuda) is None
    model = hitsr.build(name, 2, **COMPILED[name]).to(cuda).eval()
    first, second = (torch.rand(1, 3, 40, 72, device=cuda) * identity(model).image_range for _ in range(2))
    with computing_in("float32", cuda):
        wanted = [model(image).double().cpu() for image in (first, second)]
        run = engine.prepare(model, first).run
        for image, output in zip((first, second), wanted, strict=True):
            assert difference(run(image), output) < 1e-5


@pytest.mark.parametrize("name", ["HiT-SIR", "HiT-SRF", "HiT-SNG"])
def test_no_optimized_pass_waits_for_the_gpu(cuda, name):
    """Whatever waits could be no CUDA graph."""
    model = hitsr.build(name, 2, depths=[2]).to(cuda).eval()
    image = torch.rand(1, 3, 64, 96, device=cuda)
    with torch.no_grad():
        model(image)
        torch.cuda.set_sync_debug_mode("error")
        try:
            model(image)
        finally:
            torch.cuda.set_sync_debug_mode("default")


def test_triton_builds_kernels(cuda):
    """Otherwise the tests of what computes with them would pass without them."""
    assert fused.builds()
