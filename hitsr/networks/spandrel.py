"""Networks of other repositories, recognised by spandrel from a checkpoint (optional extra `hitsr[spandrel]`)."""

from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.errors import CheckpointError, OptionError

if TYPE_CHECKING:
    from spandrel import ImageModelDescriptor

INSTALL = "pip install 'hitsr[spandrel]'"


class Spandrel(nn.Module):
    """The network that a checkpoint holds, with its weights: `(B, 3, H, W)` in [0, 1] to `(B, 3, s H, s W)`.

    Any H, W >= 1: the image is padded at the lower and right border to what the architecture asks for, by reflection
    where the image is large enough and by its border elsewhere. The output is not clamped.

    Args:
        scale: scale factor that the checkpoint must have.
        checkpoint: file of any of the architectures that spandrel knows, in any of the formats that it reads.

    Raises:
        OptionError: spandrel is not installed.
        CheckpointError: spandrel does not know the file, or it is for another scale or other channels.
    """

    image_range = 1.0

    def __init__(self, scale: int, *, checkpoint: str):
        super().__init__()
        found = _read(Path(checkpoint).expanduser())
        if found.scale != scale:
            raise CheckpointError(f"{checkpoint}: {found.architecture.name} x{found.scale}, expected x{scale}")
        channels = found.input_channels, found.output_channels
        if channels != (3, 3):
            raise CheckpointError(
                f"{checkpoint}: {found.architecture.name} from {channels[0]} to {channels[1]} channels, expected 3 to 3"
            )
        self.scale, self.architecture = scale, found.architecture.name
        self.model = found.model
        self._padding = found.size_requirements.get_padding

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        right, below = self._padding(width, height)
        mode = "reflect" if right < width and below < height else "replicate"
        y = self.model(F.pad(image, (0, right, 0, below), mode=mode) if right or below else image)
        return y[..., : self.scale * height, : self.scale * width]


def _read(path: Path) -> "ImageModelDescriptor":
    try:
        from spandrel import ImageModelDescriptor, ModelLoader, UnsupportedModelError
    except ImportError as error:
        raise OptionError(f"network spandrel: spandrel cannot be imported ({error}); {INSTALL}") from error
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; correct the path under `weights`")
    try:
        found = ModelLoader(device="cpu").load_from_file(path)
    except UnsupportedModelError as error:
        raise CheckpointError(
            f"{path}: of no architecture that spandrel knows; if it is one of this suite's networks, name that network"
        ) from error
    except Exception as error:  # spandrel and torch raise pickle, zip, key and value errors alike here
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"{path}: cannot be read by spandrel ({reason})") from error
    if not isinstance(found, ImageModelDescriptor):
        raise CheckpointError(f"{path}: {found.architecture.name} takes more than an image; choose an upscaler")
    return found
