"""HiT-SIR: SwinIR-Light with hierarchical windows and spatial-channel correlation (HiT-SR, Section 3)."""

from collections.abc import Sequence

from torch import nn

from hitsr.networks.backbone import Backbone
from hitsr.networks.blocks.checks import check_hidden
from hitsr.networks.blocks.correlation import Correlation, Keys, Pooling, SpatialChannelCorrelation, check_windows
from hitsr.networks.blocks.features import Features
from hitsr.networks.blocks.feedforward import MLP, ConvFeedForward


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
        reduction: channel reduction in the middle of the feature extraction's spatial branch.
        channel_heads: heads of the channel correlation.
        features: queries and values from a "dual" extraction; for ablation from the "sum" of its branches, or from its
            "linear" or its "convolution" branch alone.
        correlation: "both", or for ablation "spatial" or "channel" alone.
        position_bias: whether the spatial correlation has one.
        keys: "shared" with the values, or for ablation "separate".
        pooling: "learned" pooling of the values (S-Linear), or for ablation their "mean".
        ffn_ratio: hidden channels of the feed-forward, in `dim`.
        drop_path: stochastic depth at the last layer (official: 0).

    Raises:
        OptionError: an option that does not fit, with the valid choices.
    """

    feedforward: type[MLP | ConvFeedForward] = MLP

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
        channel_heads: int = 1,
        features: Features = "dual",
        correlation: Correlation = "both",
        position_bias: bool = True,
        keys: Keys = "shared",
        pooling: Pooling = "learned",
        ffn_ratio: float = 2,
        drop_path: float = 0.0,
    ):
        windows = check_windows(window_ratios, base_window)
        shape = {
            "base_window": base_window,
            "reduction": reduction,
            "channel_heads": channel_heads,
            "features": features,
            "correlation": correlation,
            "position_bias": position_bias,
            "keys": keys,
            "pooling": pooling,
        }
        super().__init__(
            scale,
            dim=dim,
            depths=depths,
            mixer=lambda layer: self.mixer(dim, heads, windows[layer % len(windows)], **shape),
            feedforward=lambda: self.feedforward(dim, check_hidden(dim, ffn_ratio)),
            norm="post",
            drop_path=drop_path,
        )

    @staticmethod
    def mixer(dim: int, heads: int, window: int, **shape) -> nn.Module:
        return SpatialChannelCorrelation(dim, heads, window, **shape)
