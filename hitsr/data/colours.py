"""Colour profiles (ICC): which one an image has, and its values in sRGB."""

import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageCms

SAME = 1
"""Levels of 255 by which a profile may differ from sRGB and be called sRGB: its values are then left as they are."""
INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.HIGHRESPRECALC
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""Pillow's mode for a profile's colour space."""


@dataclass(frozen=True)
class Profile:
    """An ICC profile as an image file has it."""

    data: bytes

    @cached_property
    def opened(self) -> ImageCms.ImageCmsProfile | None:
        """As the library reads it; None if it is damaged."""
        try:
            return ImageCms.ImageCmsProfile(io.BytesIO(self.data))
        except (OSError, ImageCms.PyCMSError):
            return None

    @property
    def name(self) -> str:
        """As it calls itself."""
        text = self.opened.profile.profile_description if self.opened else None
        return " ".join((text or "unnamed").split())

    @property
    def mode(self) -> str | None:
        """The mode of the images that it describes; None if it is damaged or of another kind."""
        return MODES.get(self.opened.profile.xcolor_space.strip()) if self.opened else None

    @cached_property
    def is_srgb(self) -> bool:
        """Whether it means sRGB, whatever it is called: by what it makes of 9 x 9 x 9 colours."""
        if self.mode != "RGB":
            return False
        levels = np.linspace(0, 255, 9).round().astype(np.uint8)
        lattice = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
        found = np.asarray(self._converted(Image.fromarray(lattice)), np.int16)
        return bool(np.abs(found - lattice).max() <= SAME)

    def _converted(self, image: Image.Image) -> Image.Image:
        assert self.opened is not None, "a damaged profile has no mode, and converts nothing"
        found = ImageCms.profileToProfile(
            image, self.opened, ImageCms.createProfile("sRGB"), INTENT, outputMode="RGB", flags=FLAGS
        )
        assert found is not None  # as it is only where an image is changed in place
        return found

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """An image of mode `self.mode` in sRGB."""
        return image.convert("RGB") if self.is_srgb else self._converted(image)


def profile_of(image: Image.Image) -> Profile | None:
    """The profile of an image; None if it has none."""
    data = image.info.get("icc_profile")
    return Profile(data) if data else None


def in_srgb(image: Image.Image, profile: Profile | None) -> tuple[Image.Image, tuple[str, ...]]:
    """An image in sRGB (mode RGB), and what there is to say about it."""
    if profile is None:
        said = ("CMYK without a colour profile, converted plainly",) if image.mode == "CMYK" else ()
        return image.convert("RGB"), said
    if profile.mode is None:
        return image.convert("RGB"), ("colour profile damaged or of another kind, not used",)
    if profile.is_srgb:
        return image.convert("RGB"), ()
    fits = image if image.mode == profile.mode else _as(image, profile.mode)
    if fits is None:
        return image.convert("RGB"), (f"colour profile {profile.name!r} is not for {image.mode} images, not used",)
    try:
        return profile.to_srgb(fits), (f"converted from {profile.name!r} to sRGB",)
    except ImageCms.PyCMSError:
        return image.convert("RGB"), (f"colour profile {profile.name!r} damaged, not used",)


def _as(image: Image.Image, mode: str) -> Image.Image | None:
    """The image in the mode of a profile, if that changes no value; None if it would."""
    if mode == "RGB" and image.mode not in ("CMYK", "YCbCr"):
        return image.convert("RGB")
    if mode == "L" and image.mode in ("1", "LA"):
        return image.convert("L")
    return None
