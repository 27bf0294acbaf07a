"""Spatial-channel correlation in an exported graph."""

import torch
from torch import Tensor
from torch.nn import functional as F

from hitsr.export.layers.features import GraphFeatureExtraction
from hitsr.export.layers.ngram import GraphNGramContext
from hitsr.export.once import Once, padded_to_multiple
from hitsr.export.parts import in_parts
from hitsr.optimized.correlation import FOLD_FROM, OptimizedCorrelation, channel_mixing, same_head
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

    def mixed(self, tokens: Tensor, bias: Tensor | None) -> Tensor:
        """The correlations of tokens `(B', L, C)`, projected: `(B', L, dim)`."""
        query, value, key = self.split(tokens)  # (B', L, dim / 2)
        matrices, biased = [], None
        if self.spatial:
            pooled, *pooled_key = self.pooled(tokens).split(self.branch, dim=-1)  # (B', M, dim / 2)
            matrix = (pooled_key[0] if pooled_key else pooled).transpose(1, 2) @ pooled
            matrices.append(matrix * same_head(matrix, self.heads, self.heads / self.branch))
            biased = None if bias is None else self._biased(pooled, bias)
        if self.channel:
            matrices.append(channel_mixing(query, key, self.channel_heads))
        if self.window**2 >= FOLD_FROM:
            return self._folded(tokens, matrices, biased)
        return self._by_parts(query, value, matrices, biased)

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

    def _biased(self, pooled: Tensor, bias: Tensor) -> Tensor:
        """What the position bias makes of pooled values `(B', M, dim / 2)`: `(B', L, dim / 2)`."""
        by_head = pooled.unflatten(2, (self.heads, -1)).permute(2, 0, 3, 1)  # (heads, B', d, M)
        biased = by_head.flatten(1, 2) @ bias.transpose(1, 2)  # (heads, B' d, L)
        return biased.unflatten(1, by_head.shape[1:3]).transpose(0, 1).flatten(1, 2).transpose(1, 2)
