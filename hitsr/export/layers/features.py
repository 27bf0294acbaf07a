"""The features that spatial-channel correlation takes, up to what goes pixel by pixel and from there."""

from torch import Tensor

from hitsr.networks.blocks.features import FeatureExtraction


class GraphFeatureExtraction(FeatureExtraction):
    """The features in two steps, of which the second can be computed for any part of the pixels."""

    def before(self, x: Tensor) -> tuple[Tensor, ...]:
        """What `of_pixels` takes, of a map `(B, H, W, dim)`: one or two maps `(B, H, W, _)`."""
        if self.kind == "linear":
            return (x,)
        convolved = self.spatial[:3](x).permute(0, 3, 1, 2)
        # in the order of a convolution: OpenVINO makes one operation of it and the activation
        hourglass = self.spatial[3](convolved).permute(0, 2, 3, 1)
        return (hourglass,) if self.kind == "convolution" else (hourglass, x)

    def of_pixels(self, *maps: Tensor) -> Tensor:
        """The features `(..., C)` of pixels `(..., _)` of what `before` gave."""
        if self.kind == "linear":
            return self.channel(*maps)
        spatial = self.spatial[-1](maps[0])
        if self.kind == "convolution":
            return spatial
        channel = self.channel(maps[1])
        return spatial + channel if self.kind == "sum" else spatial * channel
