"""Window self-attention for a few windows at a time, with a mask for the wrapped windows only.

The attention maps of a few windows stay in the cache of a CPU. On a GPU, inference is PyTorch's fused attention, with
bias and mask as one additive mask.
"""

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from hitsr.networks.blocks.attention import PermutedAttention, ShiftedWindows, WindowAttention
from hitsr.networks.blocks.windows import from_windows, to_windows
from hitsr.optimized.linear import linear
from hitsr.optimized.windows import WrappedWindows, wrapped_windows

CACHED_ENTRIES, KEPT_ENTRIES = 2**18, 2**22
"""Entries of the attention maps that are made at once: 1 MiB in float32 stays in the cache of a CPU; maps that
the backward pass needs leave it anyway."""

FUSED = [SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
"""For an additive mask and heads of 16 channels the first is the fastest on an H100, in bfloat16 by 1.8x; PyTorch would
take cuDNN's there. The second is for devices that lack it."""
FUSED_CHANNELS = 8
"""Fused kernels take heads of multiples of this many channels, in every number format."""


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, wrapped: WrappedWindows | None) -> Tensor:
    """As `hitsr.networks.blocks.attention.attend`.

    Args:
        q, k, v, bias: as there.
        wrapped: the windows that need a mask, and their masks.

    Returns:
        `(B', L, heads * d)`.
    """
    # fused attention has no gradient for its additive mask but by a slower detour
    learning = torch.is_grad_enabled() and bias.requires_grad
    if q.is_cuda and not learning:
        return _fused(q, k, v, bias, wrapped)
    bias = bias.contiguous()
    count = max(1, (KEPT_ENTRIES if learning else CACHED_ENTRIES) // (q.shape[1] * q.shape[2] * k.shape[2]))
    if q.is_cuda:
        # it has no cache to stay in, and would wait for the launches
        count = q.shape[0]
    parts = []
    for first in range(0, q.shape[0], count):
        part = slice(first, first + count)
        masked = None if wrapped is None else wrapped.among(first, first + count)
        parts.append(_attend(q[part], k[part], v[part], bias, masked))
    return torch.cat(parts)


def _attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, masked: tuple[Tensor, Tensor] | None) -> Tensor:
    # products of matrices that are views copy them again and again
    q, k, v = (q * q.shape[-1] ** -0.5).contiguous(), k.contiguous(), v.contiguous()
    logits = q @ k.transpose(2, 3)
    logits += bias
    if masked is not None:
        numbers, masks = masked
        logits[numbers] += masks[:, None].to(logits)
    # the transposed product: one with as few columns as a head has channels is slow
    mixed = v.transpose(2, 3) @ logits.softmax(dim=-1).transpose(2, 3)
    return mixed.flatten(1, 2).transpose(1, 2)


def _fused(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, wrapped: WrappedWindows | None) -> Tensor:
    """Fused attention without a mask; the wrapped windows are done again with it."""
    channels = q.shape[3]
    # the kernels take whole groups of channels, and PyTorch falls back on writing the map out without a word
    q, k, v = (F.pad(part, (0, -channels % FUSED_CHANNELS)) for part in (q, k, v))
    # so it does where the bias is not contiguous
    bias, scale = bias.to(q).contiguous(), channels**-0.5
    masked = None if wrapped is None else wrapped.among(0, q.shape[0])
    with sdpa_kernel(FUSED):
        mixed = F.scaled_dot_product_attention(q, k, v, bias.expand(q.shape[0], -1, -1, -1), scale=scale)
        if masked is not None:
            numbers, masks = masked
            again = F.scaled_dot_product_attention(
                q[numbers], k[numbers], v[numbers], bias + masks[:, None].to(q), scale=scale
            )
            mixed = mixed.index_copy(0, numbers, again)
    return mixed[..., :channels].transpose(1, 2).flatten(2)


class OptimizedWindows(ShiftedWindows):
    """The same around `attend` above."""

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        if self.shift:
            x = x.roll((-self.shift, -self.shift), (1, 2))
        wrapped = wrapped_windows(x, self.window, self.shift, self.reduction)
        tokens = self.attended(to_windows(x, self.window), wrapped)
        x = from_windows(tokens, self.window, height, width)
        return x.roll((self.shift, self.shift), (1, 2)) if self.shift else x

    def attended(self, tokens: Tensor, wrapped: WrappedWindows | None) -> Tensor:
        """Attention in windows, projected: `(B', L, dim)` to the same."""
        mixed = attend(*self.queries_keys_values(tokens), self.bias(), wrapped)
        return linear(mixed, self.project.weight, self.project.bias)


class OptimizedWindowAttention(OptimizedWindows, WindowAttention):
    """Multi-head self-attention in windows."""

    def queries_keys_values(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.split(linear(tokens, self.qkv.weight, self.qkv.bias))


class OptimizedPermutedAttention(OptimizedWindows, PermutedAttention):
    """Permuted self-attention."""

    def queries_keys_values(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q = linear(tokens, self.q.weight, self.q.bias)
        return self.split(q, linear(tokens, self.kv.weight, self.kv.bias))
