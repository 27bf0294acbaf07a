"""The n-gram context without a copy of the map in another order, and in bounded memory."""

import torch
from torch import Tensor
from torch.nn import functional as F

from hitsr.networks.blocks.ngram import NGramContext

PIXELS_AT_ONCE = 2**17
"""So many pixels are multiplied with filters at a time on a GPU: of 60 channels, 30 MiB."""
NGRAMS_AT_ONCE = 4096
"""So many attend among themselves at a time: there are thousands of small windows, and their maps add up."""


class OptimizedNGramContext(NGramContext):
    """The same by sums of each channel by itself, some n-grams at a time."""

    def embed(self, x: Tensor) -> Tensor:
        """Each channel by itself, then the sums of the pairs."""
        dim = x.shape[3]
        filters = self.unigram.weight.reshape(-1, 1, self.window, self.window)
        filters = filters.repeat(dim // filters.shape[0], 1, 1, 1)  # (dim, 1, w, w)
        if x.is_cuda:
            # strided depthwise convolutions take several times as long there
            rows = self.window * max(1, PIXELS_AT_ONCE // (self.window * x.shape[2]))
            parts = [self._summed(part, filters) for part in x.split(rows, dim=1)]
            channels = torch.cat(parts, dim=1)  # (B, H / w, W / w, dim)
        else:
            maps = F.conv2d(x.permute(0, 3, 1, 2), filters, stride=self.window, groups=dim)
            channels = maps.permute(0, 2, 3, 1)  # (B, H / w, W / w, dim)
        return channels.unflatten(3, (-1, 2)).sum(dim=4) + self.unigram.bias

    def _summed(self, x: Tensor, filters: Tensor) -> Tensor:
        """Each window times its filters, summed: `(B, H, W, dim)` and `(dim, 1, w, w)` to `(B, H / w, W / w, dim)`."""
        windows = x.unflatten(2, (-1, self.window)).unflatten(1, (-1, self.window))  # (B, H / w, w, W / w, w, dim)
        return (windows * filters.permute(2, 1, 3, 0)).sum(dim=(2, 4))  # (B, H / w, W / w, dim)

    def attend(self, grams: Tensor) -> Tensor:
        # a GPU would spend its time on launches
        if grams.is_cuda:
            return self.attention(grams)
        return torch.cat([self.attention(part) for part in grams.split(NGRAMS_AT_ONCE)])
