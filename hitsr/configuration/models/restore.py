"""Section `restore`: how test images are super-resolved."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from hitsr.schema.faults import Expected
from hitsr.schema.sections import Section, as_text, key
from hitsr.schema.types import Count, Device, Integer, Said

SIZE = re.compile(r"\s*\d+(\.\d+)?\s*([KMG]i?B|B)?\s*", re.IGNORECASE)


def _memory(value: object) -> object:
    if value is None or (isinstance(value, int | str) and SIZE.fullmatch(str(as_text(value)))):
        return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
    raise Expected("bytes, or a size such as 2GiB or 500MB")


class Restore(Section):
    """How test images are super-resolved."""

    precision: Literal["float32", "tf32", "bfloat16"] = key(
        "float32", "Number format of the computation; tf32 on CUDA only."
    )
    max_memory: Annotated[Any, BeforeValidator(_memory), Said("size or null")] = key(
        None,
        "Memory such as 2GiB that a network may take beyond weights and image; results do not depend on it. Null for "
        "as fast as possible.",
    )
    tile: Annotated[Integer, Field(ge=32)] | None = key(
        None,
        "Side of tiles in low-resolution pixels, as an approximation where even `max_memory` cannot help; null for "
        "whole images.",
    )
    self_ensemble: bool = key(
        False, "Mean over the eight flips and turns of each image, as the rows of papers that are marked with +."
    )
    threads: Count = key(1, "CPU threads.")
    device: Device = key("auto", "Where to compute.")
