"""HiT-SIR: SwinIR-Light with hierarchical windows and spatial-channel correlation (HiT-SR, Section 3)."""

from collections.abc import Sequence

from torch import nn

from hitsr.nets.backbone import Backbone
from hitsr.nets.checks import check_hidden
from hitsr.nets.correlation import SpatialChannelCorrelation, check_windows
from hitsr.nets.feedforward import MLP
from hitsr.nets.formulation import Formulation


class HiTSIR(Backbone):
    """HiT-SIR for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, 1] to `(B, 3, s H, s W)`, any H, W >= 1.

    Each layer pads its map to whole windows by periodic reflection; the published code stops below 33 pixels.

    Args:
        dim: channels of the features.
        depths: layers of each residual group.
        heads: heads of the spatial correlation.
        base_window: values are pooled to at most this many tokens per side.
        window_ratios: window of each layer of a group in base windows (4, 8, 16, 32, 48, 64 pixels);
            layers beyond its length start it again.
        reduction: channel reduction in the dual feature extraction.
        ffn_ratio: hidden channels of the feed-forward, in `dim`.
        drop_path: stochastic depth at the last layer (official: 0).
        formulation: "fast", or "plain" as published; equal up to rounding.

    Raises:
        OptionError: an option that does not fit, with the valid choices.
    """

    feedforward = MLP

    def __init__(
        self,
        scale: int,
        *,
        dim: int = 60,
        depths: Sequence[int] = (6, 6, 6, 6),
        heads: int = 6,
        base_window: int = 8,
        window_ratios: Sequence[float] = (0.5, 1, 2, 4, 6, 8),
        reduction: int = 5,
        ffn_ratio: float = 2,
        drop_path: float = 0.0,
        formulation: Formulation = "fast",
    ):
        windows = check_windows(window_ratios, base_window)
        shape = {"base_window": base_window, "reduction": reduction}
        super().__init__(
            scale,
            dim=dim,
            depths=depths,
            mixer=lambda layer: self.mixer(dim, heads, windows[layer % len(windows)], **shape),
            feedforward=lambda: self.feedforward(dim, check_hidden(dim, ffn_ratio)),
            norm="post",
            drop_path=drop_path,
            formulation=formulation,
        )

    @staticmethod
    def mixer(dim: int, heads: int, window: int, **shape) -> nn.Module:
        return SpatialChannelCorrelation(dim, heads, window, **shape)
