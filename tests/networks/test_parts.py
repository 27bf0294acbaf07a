"""The parts against slow implementations of their formulas, written with loops."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from hitsr.networks.blocks.attention import PermutedAttention, WindowAttention
from hitsr.networks.blocks.attention import attend as attend_as_published
from hitsr.networks.blocks.correlation import SpatialChannelCorrelation
from hitsr.networks.blocks.ngram import NGramContext
from hitsr.networks.blocks.padding import pad_to_multiple
from hitsr.networks.blocks.windows import from_windows, shift_mask, to_windows
from hitsr.optimized.attention import _fused, attend
from hitsr.optimized.replacement import optimize
from hitsr.optimized.windows import wrapped_windows


def reference(part: torch.nn.Module) -> torch.nn.Module:
    return part


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (3, 2), (7, 16), (17, 9)])
def test_padding_is_numpy_reflection(size, random):
    x = random.random((2, *size, 3))
    height, width = (-(-s // 16) * 16 for s in size)
    pad = ((0, 0), (0, height - size[0]), (0, width - size[1]), (0, 0))
    assert np.array_equal(pad_to_multiple(torch.from_numpy(x), 16).numpy(), np.pad(x, pad, mode="reflect"))


def test_windows_round_trip():
    x = torch.arange(2 * 8 * 12 * 3).view(2, 8, 12, 3)
    windows = to_windows(x, 4)
    assert torch.equal(windows[4].view(4, 4, 3), x[0, 4:8, 4:8])
    assert torch.equal(from_windows(windows, 4, 8, 12), x)


@pytest.mark.parametrize("window", [4, 8, 16])
@pytest.mark.parametrize("implementation", [reference, optimize])
@torch.no_grad()  # the graph of this many steps would be too deep to be taken down
def test_correlation_by_its_formula(window, implementation):
    """Token by token, with the pooled keys and the mean bias of each cell spelled out."""
    torch.manual_seed(0)
    heads, dim, base = 2, 32, 8
    mixer = implementation(SpatialChannelCorrelation(dim, heads, window, base_window=base).double())
    length, d, cell = window**2, dim // 2 // heads, max(1, window // base)
    side = window // cell
    mixer.features = torch.nn.Identity()
    torch.nn.init.eye_(mixer.project.weight)
    torch.nn.init.normal_(mixer.project.bias)
    x = torch.randn(1, window, window, dim, dtype=torch.double)
    query, value = x.view(1, length, dim).split(dim // 2, dim=-1)
    table = mixer.position.table(window)
    pixel = [(i, j) for i in range(window) for j in range(window)]
    expected = torch.zeros(length, dim, dtype=torch.double)
    for head in range(heads):
        c = slice(head * d, (head + 1) * d)
        v = value[0, :, c].reshape(window, window, d)
        pooled = torch.zeros(side, side, d, dtype=torch.double)
        for a in range(cell):
            for b in range(cell):
                pooled += mixer.pool.weight[0, a * cell + b] * v[a::cell, b::cell]
        pooled = (pooled + mixer.pool.bias).view(-1, d)
        for token, (i, j) in enumerate(pixel):
            for key in range(side**2):
                p, r = divmod(key, side)
                rows = slice(i - p * cell - cell + window, i - p * cell + window)
                columns = slice(j - r * cell - cell + window, j - r * cell + window)
                bias = table[rows, columns, head].mean()
                weight = query[0, token, c] @ pooled[key] / d + bias
                expected[token, c] += weight * pooled[key]
    matrix = query[0].T @ value[0] / length
    expected[:, dim // 2 :] = (matrix @ value[0].T).T
    found = mixer(x).view(length, dim) - mixer.project.bias
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


def brute_force_attention(mixer, x, window, shift):
    """Each pixel attends to the pixels of its shifted window that were in the same region before the shift."""
    _, height, width, dim = x.shape
    heads, d = mixer.heads, dim // mixer.heads
    q, k, v = mixer.qkv(x[0]).chunk(3, dim=-1)
    out = torch.zeros_like(x[0])
    for i in range(height):
        for j in range(width):
            # position after the roll, and the pixels that share its window there
            ri, rj = (i - shift) % height, (j - shift) % width
            top, left = ri // window * window, rj // window * window
            logits, values = [], []
            for a in range(top, top + window):
                for b in range(left, left + window):
                    k_i, k_j = (a + shift) % height, (b + shift) % width
                    wrapped = shift and (
                        (ri >= height - shift) != (a >= height - shift) or (rj >= width - shift) != (b >= width - shift)
                    )
                    bias = mixer.bias_table[(ri - a + window - 1) * (2 * window - 1) + rj - b + window - 1]
                    dot = (q[i, j].view(heads, d) * k[k_i, k_j].view(heads, d)).sum(-1) * d**-0.5 + bias
                    logits.append(dot - 100 * bool(wrapped))
                    values.append(v[k_i, k_j].view(heads, d))
            attention = torch.stack(logits).softmax(0)
            out[i, j] = (attention[..., None] * torch.stack(values)).sum(0).flatten()
    return mixer.project(out)[None]


@pytest.mark.parametrize("shift", [0, 2])
@pytest.mark.parametrize("implementation", [reference, optimize])
def test_shifted_attention_by_brute_force(shift, implementation):
    torch.manual_seed(0)
    mixer = implementation(WindowAttention(8, 2, 4, shift=shift).double())
    torch.nn.init.normal_(mixer.bias_table)
    x = torch.randn(1, 8, 12, 8, dtype=torch.double)
    torch.testing.assert_close(mixer(x), brute_force_attention(mixer, x, 4, shift), rtol=1e-9, atol=1e-10)


@torch.no_grad()
def test_permuted_attention_folds_cells_into_channels():
    """Keys by the spec's index formulas, one window."""
    torch.manual_seed(0)
    window, dim, heads = 4, 8, 2
    mixer = PermutedAttention(dim, heads, window).double()
    torch.nn.init.normal_(mixer.bias_table)
    x = torch.randn(1, window, window, dim, dtype=torch.double)
    kv, q = mixer.kv(x[0]), mixer.q(x[0])
    c, d, side = dim // 4, dim // heads, window // 2
    keys, values = torch.zeros(2, side, side, dim, dtype=torch.double)
    for i in range(window):
        for j in range(window):
            f = ((i % 2) * 2 + j % 2) * c
            keys[i // 2, j // 2, f : f + c] = kv[i, j, :c]
            values[i // 2, j // 2, f : f + c] = kv[i, j, c:]
    out = torch.zeros_like(x[0])
    for i in range(window):
        for j in range(window):
            for head in range(heads):
                s = slice(head * d, (head + 1) * d)
                logits = torch.stack(
                    [
                        q[i, j, s] @ keys[p, r, s] * d**-0.5
                        + mixer.bias_table[(i // 2 - p + side - 1) * (2 * side - 1) + j // 2 - r + side - 1, head]
                        for p in range(side)
                        for r in range(side)
                    ]
                )
                out[i, j, s] = logits.softmax(0) @ values.view(-1, dim)[:, s]
    torch.testing.assert_close(mixer(x)[0], mixer.project(out), rtol=1e-9, atol=1e-10)


def test_ngram_context_sees_its_neighbours_only():
    """Forward reads windows down and right, backward up and left: a change far away leaves a window alone."""
    torch.manual_seed(0)
    context = NGramContext(8, 2, 4, shared=True)
    x = torch.randn(1, 16, 16, 8)
    changed = x.clone()
    changed[:, :4, :4] += 1
    moved = (context(changed) - context(x) - (changed - x)).abs().amax(-1)[0]
    by_window = F.max_pool2d(moved[None, None], 4)[0, 0] > 1e-6
    expected = torch.zeros(4, 4, dtype=torch.bool)
    expected[:2, :2] = True
    assert torch.equal(by_window, expected)


def test_mask_separates_what_the_shift_brings_together():
    mask = shift_mask(8, 8, 4, 2)
    assert mask.shape == (4, 16, 16)
    assert not mask[0].any()
    assert (mask[3] == -100).sum() == 16 * 16 - 4 * 4 * 4


@pytest.mark.parametrize("reduction", [1, 2])
def test_fused_attention_of_gpus_equals_the_published(reduction):
    """With heads of 5 channels, which the fused kernels do not take as they are, and wrapped windows of two images."""
    torch.manual_seed(0)
    window, shift, heads, channels, images = 8, 4, 2, 5, 2
    length, keys = window**2, (window // reduction) ** 2
    q, k, v = (torch.randn(images * 6, heads, n, channels) for n in (length, keys, keys))
    bias = torch.randn(heads, length, keys)
    expected = attend_as_published(q, k, v, bias, shift_mask(16, 24, window, shift, reduction))
    wrapped = wrapped_windows(torch.empty(images, 16, 24, 1), window, shift, reduction)
    torch.testing.assert_close(_fused(q, k, v, bias, wrapped), expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(attend(q, k, v, bias, wrapped), expected, rtol=1e-4, atol=1e-5)


def test_masks_kept_in_inference_serve_training():
    mixer = optimize(WindowAttention(16, 2, 4, shift=2))
    x = torch.rand(1, 12, 20, 16)
    with torch.inference_mode():
        mixer(x)
    mixer(x).sum().backward()
    assert mixer.bias_table.grad.abs().sum() > 0


@pytest.mark.filterwarnings("ignore:Dynamo detected a call to a `functools.lru_cache`")
@pytest.mark.parametrize("part", [WindowAttention(16, 2, 4, shift=2), SpatialChannelCorrelation(32, 2, 16)])
def test_an_optimized_layer_is_one_graph(part):
    """Nothing in it waits for a value, so it compiles as a whole and a CUDA graph can be captured."""
    x = torch.rand(2, 16, 24, part.project.out_features)
    with torch.no_grad():
        expected = part(x)
        compiled = torch.compile(optimize(part).eval(), backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(x), expected, rtol=1e-4, atol=1e-5)
