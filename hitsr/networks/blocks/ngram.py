"""N-gram context: what neighbouring windows look like, as one vector per window (SwinIR-NG, HiT-SNG)."""

import torch
from torch import Tensor, nn

from hitsr.networks.blocks.checks import check_heads
from hitsr.networks.blocks.convolution import Conv1x1
from hitsr.networks.blocks.padding import reflected
from hitsr.networks.blocks.windows import relative_index

NGRAM = 2
"""A context reads 2x2 windows: one forward (down and right), one backward (up and left)."""


class NGramAttention(nn.Module):
    """Self-attention among the windows of one n-gram: `(B', 4, C)` to the mean of the four, `(B', C)`."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.bias_table = nn.Parameter(torch.zeros((2 * NGRAM - 1) ** 2, heads))
        self.qkv = nn.Linear(dim, 3 * dim)
        self.project = nn.Linear(dim, dim)
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # (B', heads, 4, d)
        logits = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3) + self.bias()  # (B', heads, 4, 4)
        mixed = (logits.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)  # (B', 4, C)
        return self.project(mixed).mean(dim=1)  # (B', C)

    def bias(self) -> Tensor:
        """Of the pairs of windows: `(heads, 4, 4)`."""
        return self.bias_table[relative_index(NGRAM, self.bias_table.device)].permute(2, 0, 1)


class NGramContext(nn.Module):
    """Add to each pixel the context of its window: `(B, H, W, dim)` to the same.

    Args:
        dim: channels of the map; each pair of channels makes one channel of the window embedding.
        heads: heads of the attention among windows.
        window: side of the windows; H and W are multiples of it.
        shared: one embedding filter for all pairs of channels (HiT-SNG), or one for each (SwinIR-NG).
    """

    def __init__(self, dim: int, heads: int, window: int, *, shared: bool):
        super().__init__()
        check_heads(dim, heads, parts=2)
        pairs = dim // 2
        groups = 1 if shared else pairs
        self.unigram = nn.Conv2d(2 * groups, groups, window, stride=window, groups=groups)
        self.attention = NGramAttention(pairs, heads)
        self.merge = Conv1x1(dim, dim)
        self.window, self.shared = window, shared

    def forward(self, x: Tensor) -> Tensor:
        context = self.context(self.embed(x))  # (B, H / w, W / w, dim)
        return x + context.repeat_interleave(self.window, 1).repeat_interleave(self.window, 2)  # (B, H, W, dim)

    def embed(self, x: Tensor) -> Tensor:
        """One vector per window: `(B, H, W, dim)` to `(B, H / w, W / w, dim / 2)`."""
        x = x.permute(0, 3, 1, 2)  # (B, dim, H, W)
        batch = x.shape[0]
        if self.shared:
            x = x.reshape(-1, 2, *x.shape[2:])  # (B * dim / 2, 2, H, W)
        return self.unigram(x).unflatten(0, (batch, -1)).flatten(1, 2).permute(0, 2, 3, 1)

    def context(self, unigrams: Tensor) -> Tensor:
        """What the n-grams around each window say of it: `(B, h, w, dim / 2)` to `(B, h, w, dim)`."""
        batch, height, width, channels = unigrams.shape
        numbers = self.numbers(height, width, unigrams.device)
        grams = unigrams.flatten(1, 2).index_select(1, numbers).view(-1, NGRAM**2, channels)
        attended = self.attend(grams)  # (B * 2 * h * w, dim / 2)
        forward, backward = attended.view(batch, 2, height, width, -1).unbind(1)
        return self.merge(torch.cat([forward, backward], dim=-1))

    def numbers(self, height: int, width: int, device: torch.device) -> Tensor:
        """The windows of all n-grams of a map of `height` x `width` windows, as `ngrams` has them."""
        return ngrams(height, width, device)

    def attend(self, grams: Tensor) -> Tensor:
        """One vector per n-gram: `(B', 4, C)` to `(B', C)`."""
        return self.attention(grams)


def ngrams(height: int, width: int, device: torch.device) -> Tensor:
    """The 2x2 windows that begin with each window of a map, and those that end with it, reflected at its border.

    Args:
        height, width: of the map, in windows.

    Returns:
        Numbers of windows, row by row, four per n-gram: `(2 * height * width * 4,)` int64.
    """
    step = torch.arange(NGRAM, device=device)
    steps = step - step[:, None]  # 0 and 1 forward, -1 and 0 backward
    rows, columns = (
        reflected(torch.arange(size, device=device)[:, None] + steps[:, None], size) for size in (height, width)
    )  # (2, h, 2), (2, w, 2)
    return (rows[:, :, None, :, None] * width + columns[:, None, :, None]).flatten()  # of (2, h, w, 2, 2)
