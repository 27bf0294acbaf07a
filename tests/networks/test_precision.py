"""Number formats: what is computed in one is computed with the weights of that moment, and others return afterwards."""

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from hitsr.errors import OptionError
from hitsr.precision import computing_in

CPU = torch.device("cpu")


@pytest.mark.parametrize("outer", ["float32", "bfloat16"])
@pytest.mark.parametrize("recomputed", [False, True])
def test_weights_that_change_within_an_outer_context(outer, recomputed):
    """Also where the backward pass computes once more what activation checkpointing has not kept."""
    layer, x = nn.Linear(8, 8, bias=False), torch.randn(4, 8)
    with computing_in(outer, CPU):
        for _ in range(3):
            with computing_in("bfloat16", CPU):
                y = checkpoint(layer, x, use_reentrant=False) if recomputed else layer(x)
            assert y.dtype == torch.bfloat16
            wanted = x.double() @ layer.weight.double().T
            torch.testing.assert_close(y.double(), wanted, rtol=0.1, atol=0.05)
            y.float().sum().backward()
            with torch.no_grad():
                layer.weight.mul_(-1.5)


def test_formats_return_afterwards():
    layer, x = nn.Linear(8, 8), torch.randn(4, 8)
    with computing_in("bfloat16", CPU):
        with computing_in("float32", CPU):
            assert layer(x).dtype == torch.float32
        assert layer(x).dtype == torch.bfloat16
    assert layer(x).dtype == torch.float32


@pytest.mark.parametrize(("name", "says"), [("tf32", "a format of CUDA devices"), ("float8", "expected one of")])
def test_formats_that_are_none(name, says):
    with pytest.raises(OptionError, match=says), computing_in(name, CPU):
        pass
