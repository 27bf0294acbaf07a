"""Triton kernels for GPUs: layers that PyTorch computes there far from what the memory allows.

Only `hitsr.optimized.fused` imports this module, where Triton is installed. Sums are in float32 whatever comes in.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

ENTRIES = 4096
"""Of the tile that one program of `layer_norm` works on."""
PIXELS, ROWS = 16, 4
"""Of the tile of a map that one program of `convolve` makes."""
CHANNELS = 128
"""Most channels of that tile."""


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
    _layer_norm[(_tiles(count, tokens),)](x, weight, bias, y, count, eps, channels, width, tokens)
    return y


@triton.jit
def _convolve(
    x, weight, bias, y, height, width, C: tl.constexpr, SIDE: tl.constexpr, PIXELS: tl.constexpr, ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):  # fmt: skip
    tl.static_assert(ROWS == 4)
    half: tl.constexpr = SIDE // 2
    column = tl.program_id(0) * PIXELS + tl.arange(0, PIXELS)
    strips = tl.cdiv(height, ROWS)
    image = tl.program_id(1) // strips
    top = tl.program_id(1) % strips * ROWS
    channel = tl.program_id(2) * CHANNELS + tl.arange(0, CHANNELS)
    own = channel < C
    start = image.to(tl.int64) * height * width * C
    shift = tl.load(bias + channel, mask=own, other=0.0)
    first = tl.zeros((PIXELS, CHANNELS), tl.float32) + shift[None, :]
    second, third, fourth = first, first, first
    # a row of the map is read once for the four rows of the output that it is part of
    for line in tl.static_range(SIDE + ROWS - 1):
        for step in tl.static_range(SIDE):
            at = column + step - half
            pixel = (top + line - half) * width + at
            inside = (at >= 0) & (at < width) & (pixel >= 0) & (pixel < height * width)
            place = start + pixel[:, None].to(tl.int64) * C + channel[None, :]
            values = tl.load(x + place, mask=inside[:, None] & own[None, :], other=0.0).to(tl.float32)
            filters = weight + step * C + channel
            if line < SIDE:
                first += values * tl.load(filters + line * SIDE * C, mask=own, other=0.0)[None, :]
            if line > 0 and line < SIDE + 1:
                second += values * tl.load(filters + (line - 1) * SIDE * C, mask=own, other=0.0)[None, :]
            if line > 1 and line < SIDE + 2:
                third += values * tl.load(filters + (line - 2) * SIDE * C, mask=own, other=0.0)[None, :]
            if line > 2:
                fourth += values * tl.load(filters + (line - 3) * SIDE * C, mask=own, other=0.0)[None, :]
    for line in tl.static_range(ROWS):
        if line == 0:
            sums = first
        elif line == 1:
            sums = second
        elif line == 2:
            sums = third
        else:
            sums = fourth
        pixel = (top + line) * width + column
        inside = (column < width) & (pixel < height * width)
        place = start + pixel[:, None].to(tl.int64) * C + channel[None, :]
        kept = tl.load(x + place, mask=inside[:, None] & own[None, :], other=0.0).to(tl.float32)
        gelu = 0.5 * sums * (1.0 + tl.erf(sums * 0.7071067811865476))
        tl.store(y + place, kept + gelu, mask=inside[:, None] & own[None, :])


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
    grid = (_tiles(width, PIXELS), batch * _tiles(height, ROWS), _tiles(channels, block))
    _convolve[grid](x, filters, bias, y, height, width, channels, side, PIXELS, ROWS, block)
    return y


@add_convolved.register_fake
def _(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """What torch.compile, which takes the kernel as it is, has to know of it."""
    return torch.empty(x.shape, dtype=x.dtype, device=x.device)


def _tiles(size: int, tile: int) -> int:
    return -(-size // tile)


def _power_of_2(size: int) -> int:
    return 1 << (size - 1).bit_length()
