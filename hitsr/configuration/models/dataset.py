"""Section `datasets`: images by name."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hitsr.schema.faults import Fault
from hitsr.schema.sections import Section, optional
from hitsr.schema.types import Colour, Distinct, PathText, Share, Text

KINDS = ("photographs", "folder", "public")
ImageNames = Annotated[list[Text], Field(min_length=1), Distinct]


class Dataset(Section):
    """Photographs of an installed package, a folder of images, or a public data set; exactly one of the three.

    Images of a folder are turned upright as their EXIF data say, brought to sRGB, gray and palette images to RGB;
    transparent and 16-bit ones are refused by name; animations and other files are passed over, and the record
    `data/NAME/x2.json` names them.

    Low-resolution images are made by MATLAB's bicubic `imresize`, bit for bit; where a folder has given ones in a
    customary place, the report says in how many pixels they differ from ours. Public data sets are found under
    `data_root` in the customary layouts or downloaded there; `hitsr leaks` finds photographs that are in two data
    sets: [data.md](data.md).

        datasets:
          mine: {folder: ~/photographs, exclude: ["0801"]}
          Set5: {public: Set5}
          halves: {photographs: [coffee, rocket], rows: [0, 0.5]}
    """

    photographs: ImageNames | None = optional("Names of the embedded photographs; `hitsr photographs` lists them.")
    folder: PathText | None = optional(
        "Folder of high-resolution images, or one with an HR folder in it; relative to where the run starts."
    )
    public: Text | None = optional(
        "Name in hitsr/catalogs/datasets.yaml, such as Set5; found under `data_root` or downloaded there."
    )
    images: ImageNames | None = optional("Only these images, by file name without extension; all if left out.")
    exclude: Annotated[list[Text], Distinct] | None = optional("Not these images, by file name without extension.")
    rows: Annotated[list[Share], Field(min_length=2, max_length=2)] | None = optional(
        "Only this part of the height of each image, as fractions; splits one photograph into training and validation."
    )
    flatten: Colour | None = optional(
        "Colour such as '#ffffff' that transparent images are laid onto; without it they are refused."
    )
    colours: Literal["srgb", "stored"] | None = optional(
        "What an ICC colour profile does: `srgb` converts the values (as for a `folder` if left out), `stored` leaves "
        "them as they are, which is how the field reads its data sets (as for the others if left out)."
    )
    licence: Text | None = optional("Licence of the images, for the report; a public data set has its own.")
    source: Text | None = optional("Where the images come from, for the report; a public data set says so itself.")
    cite: Text | None = optional(
        "Key of the data set's paper in hitsr/catalogs/published/references.bib, for the report."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        found = [name for name in KINDS if getattr(self, name) is not None]
        if len(found) != 1:
            raise Fault(f"expected exactly one of {', '.join(KINDS)}; found {' and '.join(found) or 'none of them'}")
        return self

    @model_validator(mode="after")
    def _some_rows(self) -> Self:
        if self.rows is not None and self.rows[0] >= self.rows[1]:
            raise Fault(f"expected the first fraction below the second, found {self.rows}", "rows")
        return self

    @model_validator(mode="after")
    def _some_images(self) -> Self:
        """A selection that leaves no image is a mistake; of folders, only the images themselves can tell."""
        chosen = self.images or self.photographs
        if chosen and set(chosen) <= set(self.exclude or []):
            raise Fault("leaves out every image that is chosen", "exclude")
        return self
