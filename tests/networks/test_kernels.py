"""Kernels for GPUs against their definition in float64; without a GPU, Triton's interpreter runs them."""

import sys

import pytest
import torch
from test_sizes_and_formulations import small
from torch.nn import functional as F

import hitsr
from hitsr.optimized import feedforward, fused, norm
from hitsr.precision import computing_in


@pytest.fixture
def kernels():
    """The module of the kernels, and the device that they run on."""
    pytest.importorskip("triton", reason="no Triton: PyTorch for CUDA brings it, or pip install triton")
    from hitsr.optimized import kernels

    return kernels, torch.device("cuda" if torch.cuda.is_available() else "cpu")


def close(output: torch.Tensor, wanted: torch.Tensor) -> bool:
    """Up to the rounding of the output's number format."""
    most = 4e-6 if output.dtype == torch.float32 else 8e-3
    return bool(((output.double() - wanted).norm() / wanted.norm()) < most)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", [(1, 60), (2, 5, 7, 60), (130, 64), (33, 180), (5, 3), (3, 1)])
def test_layer_norm(kernels, shape, dtype):
    """Of values far from zero, where a variance from squares would lose digits."""
    module, device = kernels
    torch.manual_seed(0)
    x = (torch.randn(shape, device=device) + 30).to(dtype)
    gain, shift = torch.randn(2, shape[-1], device=device)
    wanted = F.layer_norm(x.double(), shape[-1:], gain.double(), shift.double())
    assert close(module.layer_norm(x, gain, shift, 1e-5, torch.float32), wanted)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    ("shape", "side"), [((1, 5, 7, 120), 5), ((2, 9, 33, 6), 5), ((1, 3, 2, 130), 3), ((1, 1, 1, 16), 5)]
)
def test_depthwise_convolution_added(kernels, shape, side, dtype):
    """Of maps that are no multiple of a tile, smaller than one, of several images, and of views."""
    module, device = kernels
    torch.manual_seed(0)
    whole = torch.randn(*shape[:3], shape[3] + 1, device=device).to(dtype)
    x = whole[..., 1:]
    weight = torch.randn(shape[3], 1, side, side, device=device)
    bias = torch.randn(shape[3], device=device)
    map_ = x.double().permute(0, 3, 1, 2)
    mixed = F.conv2d(map_, weight.double(), bias.double(), padding=side // 2, groups=shape[3])
    assert close(module.add_convolved(x, weight, bias), x.double() + F.gelu(mixed).permute(0, 2, 3, 1))


@torch.no_grad()
@pytest.mark.parametrize("name", ["HiT-SRF", "SwinIR-Light"])
def test_networks_compute_the_same_with_them(kernels, monkeypatch, name):
    module, device = kernels
    model = small(name).to(device).eval()
    reference = small(name, formulation="plain").to(device).eval()
    reference.load_state_dict(model.state_dict())
    called = []
    for user in (feedforward, norm):
        monkeypatch.setattr(user, "fusible", lambda x: called.append(x) or not torch.is_grad_enabled())
    image = torch.rand(1, 3, 9, 13, device=device)
    with computing_in("float32", device):
        assert (model(image) - reference(image)).abs().max() < 1e-5
    assert called


def test_where_triton_builds_no_kernel_pytorch_computes(monkeypatch):
    """Such as on a machine without a C compiler; it is said."""
    monkeypatch.setattr(fused, "TRITON", True)
    monkeypatch.setitem(sys.modules, "hitsr.optimized.kernels", None)
    with pytest.warns(UserWarning, match="Triton builds no kernel here.*apt install gcc"):
        assert not fused.builds.__wrapped__()


def test_not_where_gradients_are_asked_for_or_without_a_gpu():
    model = hitsr.build("HiT-SRF", 2, depths=[1]).eval()
    model(torch.rand(1, 3, 16, 16)).mean().backward()
    assert model.groups[0].layers[0].feedforward_norm.weight.grad is not None
