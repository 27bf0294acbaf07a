"""Checkpoints that spandrel recognises: a second implementation of SwinIR, with the same output as ours."""

import sys

import pytest
import torch

import hitsr
from hitsr.errors import CheckpointError, OptionError
from hitsr.networks.spandrel import Spandrel


@pytest.fixture
def checkpoint(tmp_path):
    """Our SwinIR-Light in the layout of its official repository."""
    torch.manual_seed(0)
    model = hitsr.build("SwinIR-Light", 2, dim=60, depths=[2, 2], heads=6)
    path = tmp_path / "swinir.pth"
    torch.save({"params": hitsr.to_official(model)}, path)
    return model.eval(), path


@pytest.mark.parametrize("size", [(64, 64), (17, 24), (3, 2)])
def test_the_output_is_the_same(checkpoint, size):
    pytest.importorskip("spandrel", reason="the extra hitsr[spandrel] is not installed")
    model, path = checkpoint
    other = Spandrel(2, checkpoint=str(path)).eval()
    assert other.architecture == "SwinIR"
    image = torch.rand(1, 3, *size)
    with torch.no_grad():
        ours, theirs = model(image), other(image)
    assert theirs.shape == ours.shape
    if min(size) > 8:  # below, the padding of the published code differs from ours
        inner = slice(None), slice(None), slice(0, 2 * (size[0] // 8 * 8)), slice(0, 2 * (size[1] // 8 * 8))
        assert (ours[inner] - theirs[inner]).abs().mean() < 1e-3
    if size == (64, 64):
        torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=0)


def test_what_it_cannot_load_is_said(checkpoint, tmp_path):
    pytest.importorskip("spandrel", reason="the extra hitsr[spandrel] is not installed")
    with pytest.raises(CheckpointError, match=r"swinir.pth: SwinIR x2, expected x4"):
        Spandrel(4, checkpoint=str(checkpoint[1]))
    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(CheckpointError, match=r"other.pth: of no architecture that spandrel knows"):
        Spandrel(2, checkpoint=str(tmp_path / "other.pth"))
    (tmp_path / "cut.pth").write_bytes(b"PK")
    with pytest.raises(CheckpointError, match=r"cut.pth: cannot be read by spandrel"):
        Spandrel(2, checkpoint=str(tmp_path / "cut.pth"))


def test_without_the_extra_it_says_what_to_install(checkpoint, monkeypatch):
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(OptionError, match=r"pip install 'hitsr\[spandrel\]'"):
        Spandrel(2, checkpoint=str(checkpoint[1]))
