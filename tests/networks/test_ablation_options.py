"""Options of spatial-channel correlation: each against a direct formula, and both formulations against each other."""

import copy

import pytest
import torch

import hitsr
from hitsr.errors import OptionError
from hitsr.networks.blocks.correlation import SpatialChannelCorrelation
from hitsr.optimized.replacement import optimize

OPTIONS = [
    {},
    {"channel_heads": 2},
    {"heads": 1, "channel_heads": 4},
    {"features": "sum"},
    {"features": "linear"},
    {"features": "convolution"},
    {"reduction": 3},
    {"correlation": "spatial"},
    {"correlation": "channel"},
    {"correlation": "channel", "channel_heads": 2},
    {"position_bias": False},
    {"position_bias": False, "correlation": "spatial"},
    {"keys": "separate"},
    {"keys": "separate", "correlation": "spatial", "position_bias": False},
    {"keys": "separate", "correlation": "channel", "channel_heads": 4},
    {"pooling": "mean"},
    {"pooling": "mean", "keys": "separate", "features": "sum", "channel_heads": 2},
]
DIM, HEADS = 16, 2


def mixer(window: int, **options) -> SpatialChannelCorrelation:
    torch.manual_seed(0)
    made = SpatialChannelCorrelation(DIM, options.pop("heads", HEADS), window, base_window=4, **options).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return made


def direct(part: SpatialChannelCorrelation, x: torch.Tensor) -> torch.Tensor:
    """The definition, window by window and head by head, in loops."""
    features = part.features(x)[0]
    window, half, cell = part.window, part.branch, part.cell
    output = torch.zeros(*features.shape[:2], part.project.out_features, dtype=x.dtype)
    for top in range(0, features.shape[0], window):
        for left in range(0, features.shape[1], window):
            block = features[top : top + window, left : left + window]
            query, value = block[..., :half], block[..., half : 2 * half]
            key = block[..., 2 * half :] if block.shape[-1] > 2 * half else value
            mixed = []
            if part.spatial:
                mixed.append(spatial(part, query, key, value, window, cell))
            if part.channel:
                mixed.append(channel(part, query, key, value))
            output[top : top + window, left : left + window] = part.project(torch.cat(mixed, dim=-1))
    return output[None]


def spatial(part, query, key, value, window, cell):
    def pooled(map_):
        rows = []
        for i in range(0, window, cell):
            for j in range(0, window, cell):
                pixels = map_[i : i + cell, j : j + cell].reshape(cell**2, -1)
                rows.append(part.pool.weight[0] @ pixels + part.pool.bias)
        return torch.stack(rows)

    bias = part.position(window, cell) if part.position is not None else None
    q, k, v = query.reshape(window**2, -1), pooled(key), pooled(value)
    size = part.branch // part.heads
    heads = []
    for head in range(part.heads):
        own = slice(head * size, (head + 1) * size)
        correlation = q[:, own] @ k[:, own].T / size + (bias[head] if bias is not None else 0)
        heads.append(correlation @ v[:, own])
    return torch.cat(heads, dim=1).reshape(window, window, -1)


def channel(part, query, key, value):
    tokens = query.shape[0] * query.shape[1]
    q, k, v = (map_.reshape(tokens, -1) for map_ in (query, key, value))
    size = part.branch // part.channel_heads
    heads = []
    for head in range(part.channel_heads):
        own = slice(head * size, (head + 1) * size)
        heads.append(v[:, own] @ (q[:, own].T @ k[:, own] / tokens).T)
    return torch.cat(heads, dim=1).reshape(*query.shape[:2], -1)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("window", [2, 4, 8, 16])
def test_both_formulations_are_the_definition(window, options):
    part = mixer(window, **options)
    x = torch.randn(1, 16, 32, DIM, dtype=torch.double, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = direct(part, x)
        for implementation in (part, optimize(copy.deepcopy(part))):
            torch.testing.assert_close(implementation(x), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_networks_agree_on_outputs_and_gradients(options):
    shape = {"dim": DIM, "depths": (3,), "heads": HEADS, "window_ratios": (0.5, 1, 2), "base_window": 4}
    torch.manual_seed(0)
    plain = hitsr.build("HiT-SIR", 2, **{**shape, **options}, implementation="reference").train()
    fast = hitsr.optimize(copy.deepcopy(plain))
    x = torch.rand(2, 3, 13, 18)
    for model in (plain, fast):
        model(x).square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), fast.parameters(), strict=True):
        assert a.grad is not None and b.grad is not None, f"{name} takes no part"
        assert (a.grad - b.grad).abs().max() <= 1e-4 * a.grad.abs().max().clamp_min(1e-6), name
    with torch.no_grad():
        plain.eval(), fast.eval()
        torch.testing.assert_close(fast(x), plain(x), rtol=0, atol=1e-5)
        torch.testing.assert_close(fast(x[:1]), plain(x[:1]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("options", [o for o in OPTIONS if "keys" not in o], ids=str)
def test_they_are_options_of_every_hit_network(options):
    shape = {"dim": DIM, "depths": (1,), "heads": HEADS, "window_ratios": (0.5,)}
    for name in ("HiT-SNG", "HiT-SRF"):
        assert hitsr.build(name, 2, **{**shape, **options})(torch.rand(1, 3, 9, 9)).shape == (1, 3, 18, 18)


def test_what_an_option_costs():
    """Parameters by hand, for a mixer of 16 channels and 4x4 cells."""

    def count(**options):
        return sum(parameter.numel() for parameter in mixer(16, **options).parameters())

    full = count()
    hidden = DIM // 5
    branch = DIM * hidden + hidden + 9 * hidden**2 + hidden + hidden * DIM + DIM
    assert full - count(features="linear") == branch
    assert full - count(features="convolution") == DIM * DIM + DIM
    assert full == count(features="sum") == count(channel_heads=4)
    assert full - count(pooling="mean") == 4 * 4 + 1
    assert count(keys="separate") - full == (DIM // 2) * (DIM + 1 + hidden + 1)
    position = sum(p.numel() for p in mixer(16).position.parameters())
    assert full - count(position_bias=False) == position
    assert full - count(correlation="spatial") == DIM * DIM // 2
    assert full - count(correlation="channel") == DIM * DIM // 2 + position + 17


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"features": "double"}, "features: expected one of dual, sum, linear, convolution, found 'double'"),
        ({"channel_heads": 7}, r"channel_heads: expected 2 \* channel_heads to divide dim"),
        ({"correlation": "none"}, "correlation: expected one of both, spatial, channel"),
        ({"position_bias": "no"}, "position_bias: expected one of True, False"),
        ({"keys": "own"}, "keys: expected one of shared, separate"),
        ({"pooling": "max"}, "pooling: expected one of learned, mean"),
    ],
)
def test_mistakes(options, words):
    with pytest.raises(OptionError, match=words):
        hitsr.build("HiT-SIR", 2, **options)


def test_hit_sng_has_no_separate_keys():
    with pytest.raises(OptionError, match="keys: expected one of shared, found 'separate'"):
        hitsr.build("HiT-SNG", 2, keys="separate")
