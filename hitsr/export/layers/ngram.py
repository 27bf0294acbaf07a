"""N-gram context in an exported graph."""

import torch
from torch import Tensor

from hitsr.export.once import Once
from hitsr.networks.blocks.ngram import NGramAttention, ngrams
from hitsr.networks.blocks.windows import from_windows, to_windows
from hitsr.optimized.ngram import OptimizedNGramContext


class GraphNGramContext(OptimizedNGramContext):
    """The context added to the tokens of each window.

    Added to a map by broadcasting in five dimensions, OpenVINO 2026.4 gave other numbers with every run.
    """

    once: Once

    def forward(self, x: Tensor) -> Tensor:
        tokens = to_windows(x, self.window) + self.of_windows(x).flatten(0, 2)[:, None]  # (B', L, dim)
        return from_windows(tokens, self.window, *x.shape[1:3])

    def of_windows(self, x: Tensor) -> Tensor:
        """The context of each window of a map `(B, H, W, dim)`: `(B, H / w, W / w, dim)`."""
        return self.context(self.embed(x))

    def numbers(self, height: int, width: int, device: torch.device) -> Tensor:
        return self.once(ngrams, height, width, device)

    def attend(self, grams: Tensor) -> Tensor:
        return self.attention(grams)


class GraphNGramAttention(NGramAttention):
    """Attention of an n-gram with its 16 biases as a constant."""

    pairs: Tensor

    @torch.no_grad()
    def gather(self) -> None:
        """Make the constant `pairs`, `(heads, 4, 4)`."""
        self.register_buffer("pairs", super().bias().contiguous(), persistent=False)

    def bias(self) -> Tensor:
        return self.pairs
