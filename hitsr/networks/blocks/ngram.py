"""N-gram context: what neighbouring windows look like, as one vector per window (SwinIR-NG, HiT-SNG)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.networks.blocks.checks import check_heads
from hitsr.networks.blocks.convolution import Conv1x1
from hitsr.networks.blocks.formulation import Formulated
from hitsr.networks.blocks.padding import reflected
from hitsr.networks.blocks.windows import relative_index

NGRAM = 2
"""A context reads 2x2 windows: one forward (down and right), one backward (up and left)."""
NGRAMS_AT_ONCE = 4096
"""So many attend among themselves at a time: there are thousands of small windows, and their maps add up."""


class NGramAttention(nn.Module):
    """Self-attention among the windows of one n-gram: `(B', 4, C)` to the mean of the four, `(B', C)`."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.bias_table = nn.Parameter(torch.zeros((2 * NGRAM - 1) ** 2, heads))
        self.qkv = nn.Linear(dim, 3 * dim)
        self.project = nn.Linear(dim, dim)
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        bias = self.bias_table[relative_index(NGRAM, x.device)].permute(2, 0, 1)
        logits = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3) + bias
        mixed = (logits.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)
        return self.project(mixed).mean(dim=1)


class NGramContext(Formulated):
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
        context = self.context(self.embed(x))
        return x + context.repeat_interleave(self.window, 1).repeat_interleave(self.window, 2)

    def add_to(self, x: Tensor) -> None:
        """`x = self(x)` in place, without gradients."""
        context = self.context(self.embed(x))
        # a view with the pixels of each window in dimensions of their own
        x.unflatten(2, (-1, self.window)).unflatten(1, (-1, self.window)).add_(context[:, :, None, :, None])

    def context(self, unigrams: Tensor) -> Tensor:
        """What the n-grams around each window say of it: `(B, h, w, dim / 2)` to `(B, h, w, dim)`."""
        height, width = unigrams.shape[1:3]
        contexts = [
            torch.cat([self.attention(part) for part in self.ngrams(unigrams, first).split(NGRAMS_AT_ONCE)])
            for first in (0, -1)
        ]
        return self.merge(torch.cat(contexts, dim=-1).view(-1, height, width, 2 * unigrams.shape[-1]))

    def embed(self, x: Tensor) -> Tensor:
        """One vector per window: `(B, H, W, dim)` to `(B, H / w, W / w, dim / 2)`."""
        return self.embed_plain(x) if self.formulation == "plain" else self.embed_fast(x)

    def embed_plain(self, x: Tensor) -> Tensor:
        """As published: a convolution of each pair of channels."""
        x = x.permute(0, 3, 1, 2)
        batch = x.shape[0]
        if self.shared:
            x = x.reshape(-1, 2, *x.shape[2:])
        return self.unigram(x).unflatten(0, (batch, -1)).flatten(1, 2).permute(0, 2, 3, 1)

    def embed_fast(self, x: Tensor) -> Tensor:
        """The same: each channel by itself, which is fast on a channels-last map, then the sums of the pairs."""
        dim = x.shape[3]
        filters = self.unigram.weight.reshape(-1, 1, self.window, self.window)
        filters = filters.repeat(dim // filters.shape[0], 1, 1, 1)
        channels = F.conv2d(x.permute(0, 3, 1, 2), filters, stride=self.window, groups=dim)
        return channels.permute(0, 2, 3, 1).unflatten(3, (-1, 2)).sum(dim=4) + self.unigram.bias

    @staticmethod
    def ngrams(unigrams: Tensor, first: int) -> Tensor:
        """The 2x2 windows from offset `first` on, reflected at the border: `(B, h, w, C)` to `(B * h * w, 4, C)`."""
        height, width, channels = unigrams.shape[1:]
        rows, columns = (
            reflected(torch.arange(first, size + first + 1, device=unigrams.device), size) for size in (height, width)
        )
        padded = unigrams.index_select(1, rows).index_select(2, columns)
        corners = [padded[:, i : i + height, j : j + width] for i in range(NGRAM) for j in range(NGRAM)]
        return torch.stack(corners, dim=3).view(-1, NGRAM**2, channels)
