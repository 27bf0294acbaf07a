"""The n-gram context by convolutions that are fast on channels-last maps, and in bounded memory."""

import torch
from torch import Tensor
from torch.nn import functional as F

from hitsr.networks.blocks.ngram import NGramContext

NGRAMS_AT_ONCE = 4096
"""So many attend among themselves at a time: there are thousands of small windows, and their maps add up."""


class OptimizedNGramContext(NGramContext):
    """The same by depthwise convolutions, some n-grams at a time."""

    def embed(self, x: Tensor) -> Tensor:
        """Each channel by itself, then the sums of the pairs."""
        dim = x.shape[3]
        filters = self.unigram.weight.reshape(-1, 1, self.window, self.window)
        filters = filters.repeat(dim // filters.shape[0], 1, 1, 1)
        channels = F.conv2d(x.permute(0, 3, 1, 2), filters, stride=self.window, groups=dim)
        return channels.permute(0, 2, 3, 1).unflatten(3, (-1, 2)).sum(dim=4) + self.unigram.bias

    def attend(self, grams: Tensor) -> Tensor:
        # a GPU would spend its time on launches
        if grams.is_cuda:
            return self.attention(grams)
        return torch.cat([self.attention(part) for part in grams.split(NGRAMS_AT_ONCE)])
