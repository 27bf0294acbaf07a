"""Triton kernels for GPUs: layers that PyTorch computes there far from what the memory allows.

Imported where `hitsr.optimized.fused.fusible` finds Triton. Sums are in float32 whatever comes in.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

ENTRIES = 4096
"""Of the tile that one program of `layer_norm` works on."""
PIXELS, CHANNELS = 16, 128
"""Of the part of a row that one program of `add_convolved` makes; at most so many channels."""


@triton.jit
def _layer_norm(x, weight, bias, y, count, eps, C: tl.constexpr, WIDTH: tl.constexpr, TOKENS: tl.constexpr):
    token = tl.program_id(0).to(tl.int64) * TOKENS + tl.arange(0, TOKENS)
    channel = tl.arange(0, WIDTH)
    own = channel < C
    inside = (token[:, None] < count) & own[None, :]
    place = token[:, None] * C + channel[None, :]
    values = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
    mean = tl.sum(values, 1) / C
    centred = tl.where(own[None, :], values - mean[:, None], 0.0)
    deviation = tl.sqrt(tl.sum(centred * centred, 1) / C + eps)
    gain = tl.load(weight + channel, mask=own, other=0.0).to(tl.float32)
    shift = tl.load(bias + channel, mask=own, other=0.0).to(tl.float32)
    normed = centred / deviation[:, None] * gain[None, :] + shift[None, :]
    tl.store(y + place, normed, mask=inside)


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float, dtype: torch.dtype) -> Tensor:
    """`F.layer_norm` over the channels of tokens `(..., C)`, read once and written once, as `dtype`."""
    x = x.contiguous()
    y = torch.empty_like(x, dtype=dtype)
    channels = x.shape[-1]
    count = x.numel() // channels
    width = _power_of_2(channels)
    tokens = max(1, ENTRIES // width)
    # Triton launches on the current device, whatever the tensors are on
    with torch.cuda.device_of(x):
        _layer_norm[(_tiles(count, tokens),)](x, weight, bias, y, count, eps, channels, width, tokens)
    return y


@triton.jit
def _convolve(
    x, weight, bias, y, height, width, C: tl.constexpr, SIDE: tl.constexpr, PIXELS: tl.constexpr, CHANNELS: tl.constexpr
):  # fmt: skip
    half: tl.constexpr = SIDE // 2
    column = tl.program_id(0) * PIXELS + tl.arange(0, PIXELS)
    row = tl.program_id(1) % height
    channel = tl.program_id(2) * CHANNELS + tl.arange(0, CHANNELS)
    own = channel < C
    # of this row of this image, among all rows
    start = tl.program_id(1).to(tl.int64) * width * C
    shift = tl.load(bias + channel, mask=own, other=0.0)
    sums = tl.zeros((PIXELS, CHANNELS), tl.float32) + shift[None, :]
    # unrolled, all filters would be in registers at once, and there are too few
    for line in range(tl.maximum(half - row, 0), tl.minimum(height + half - row, SIDE)):
        source = x + start + (line - half) * width * C
        for step in tl.static_range(SIDE):
            at = column + step - half
            inside = (at >= 0) & (at < width)
            place = at[:, None] * C + channel[None, :]
            values = tl.load(source + place, mask=inside[:, None] & own[None, :], other=0.0).to(tl.float32)
            filters = tl.load(weight + (line * SIDE + step) * C + channel, mask=own, other=0.0)
            sums += values * filters[None, :]
    place = start + column[:, None] * C + channel[None, :]
    inside = (column < width)[:, None] & own[None, :]
    kept = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
    gelu = 0.5 * sums * (1.0 + tl.erf(sums * 0.7071067811865476))
    tl.store(y + place, kept + gelu, mask=inside)


@torch.library.custom_op("hitsr::add_convolved", mutates_args=())
def add_convolved(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """`x + gelu(depthwise convolution of x)` of a map `(B, H, W, C)`, zero padding, stride 1.

    Args:
        weight: `(C, 1, side, side)`, an odd side.
        bias: `(C,)`.
    """
    x = x.contiguous()
    y = torch.empty_like(x)
    batch, height, width, channels = x.shape
    side = weight.shape[2]
    filters = weight.flatten(1).t().contiguous()  # (side * side, C)
    block = min(CHANNELS, _power_of_2(channels))
    grid = (_tiles(width, PIXELS), batch * height, _tiles(channels, block))
    # with more of the tile per thread, filters would have to pass through shared memory
    warps = max(1, PIXELS * block // 256)
    with torch.cuda.device_of(x):
        _convolve[grid](x, filters, bias, y, height, width, channels, side, PIXELS, block, num_warps=warps)
    return y


@add_convolved.register_fake
def _(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """What torch.compile, which takes the kernel as it is, has to know of it."""
    return torch.empty(x.shape, dtype=x.dtype, device=x.device)


def _tiles(size: int, tile: int) -> int:
    return -(-size // tile)


def _power_of_2(size: int) -> int:
    return 1 << (size - 1).bit_length()
