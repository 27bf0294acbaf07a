"""Spatial-channel correlation in an exported graph."""

import torch
from torch import Tensor
from torch.nn import functional as F

from hitsr.export.layers.features import GraphFeatureExtraction
from hitsr.export.layers.ngram import GraphNGramContext
from hitsr.export.once import Once, padded_to_multiple
from hitsr.export.parts import in_parts
from hitsr.optimized.correlation import OptimizedCorrelation
from hitsr.optimized.windows import from_cells, to_cells


class GraphCorrelation(OptimizedCorrelation):
    """Spatial-channel correlation re-associated, rows of windows at a time; the bias of all heads is one product."""

    once: Once
    features: GraphFeatureExtraction

    def forward(self, x: Tensor) -> Tensor:
        height, width, channels = x.shape[1:]
        maps = self.features.before(padded_to_multiple(x, self.pad_unit, self.once))  # (1, H', W', _)
        rows, columns = maps[0].shape[1] // self.window, maps[0].shape[2]
        if self.context is not None:
            features = self.features.of_pixels(*maps)
            if isinstance(self.context, GraphNGramContext):
                # added to each window once it is cut, which saves a copy of the map
                maps = features, self.context.of_windows(features)
            else:
                maps = (self.context(features),)
        bias = None if self.position is None else self.position.by_cells(self.window, self.cell)

        def of_rows(*maps: Tensor) -> Tensor:
            """R rows of windows, of maps `(R w, W', _)` and of a context `(R, W' / w, C)`: `(R w, W', dim)`."""
            tokens = self._tokens(*(each.unsqueeze(0) for each in maps))
            mixed = self.mixed(tokens, bias)  # (B', L, dim)
            return from_cells(mixed, self.window, self.cell, maps[0].shape[0], columns).squeeze(0)

        numbers = self.window * columns * channels
        mixed = in_parts(of_rows, rows, numbers, *(each.squeeze(0) for each in maps))  # (H', W', dim)
        return mixed[None, :height, :width]  # (1, H, W, dim)

    def _tokens(self, *maps: Tensor) -> Tensor:
        """The features of windows, cell by cell: `(B', L, C)`."""
        if isinstance(self.context, GraphNGramContext):
            features, context = maps
            return to_cells(features, self.window, self.cell) + context.flatten(0, 2)[:, None]
        features = self.features.of_pixels(*maps) if self.context is None else maps[0]
        return to_cells(features, self.window, self.cell)

    def _by_parts(self, query: Tensor, value: Tensor, matrices: list[Tensor], biased: Tensor | None) -> Tensor:
        mixed = []
        if self.spatial:
            spatial = query @ matrices[0]
            mixed.append(spatial if biased is None else spatial + biased)
        if self.channel:
            mixed.append(value @ matrices[-1])
        return self.project(torch.cat(mixed, dim=-1))

    def _folded(self, tokens: Tensor, matrices: list[Tensor], biased: Tensor | None) -> Tensor:
        by_part = self.project.weight.split(self.branch, dim=1)
        folded = torch.cat([matrix @ part.t() for matrix, part in zip(matrices, by_part, strict=True)], dim=1)
        # queries carry the spatial correlation, values the channel correlation
        mixing = tokens[..., 0 if self.spatial else self.branch : 2 * self.branch if self.channel else self.branch]
        constant = self.project.bias if biased is None else F.linear(biased, by_part[0], self.project.bias)
        return mixing @ folded + constant
