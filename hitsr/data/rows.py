"""Whether an image file holds as many rows as its header says: Pillow leaves those that are missing black."""

import math
import zlib

from PIL import TiffImagePlugin

BITS_PER_SAMPLE, COMPRESSION, STRIP_BYTES, TILE_BYTES = 258, 259, 279, 325
"""TIFF tags."""
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel, by the colour type of a PNG file."""
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column and row, and steps between columns and rows, of the passes of an interlaced PNG file."""


def png_lacks_rows(data: bytes) -> bool:
    """Whether a PNG file that begins as one holds less than all rows."""
    width, height = (int.from_bytes(data[place : place + 4]) for place in (16, 20))
    passes = ADAM7 if data[28] else ((0, 0, 1, 1),)
    bits = data[24] * SAMPLES.get(data[25], 1)
    expected = 0
    for left, top, across, down in passes:
        columns, rows = math.ceil((width - left) / across), math.ceil((height - top) / down)
        expected += rows * (1 + math.ceil(columns * bits / 8)) if columns > 0 and rows > 0 else 0
    place, found, stream = 8, 0, zlib.decompressobj()
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4])
        if data[place + 4 : place + 8] == b"IDAT":
            found += len(stream.decompress(data[place + 8 : place + 8 + length]))
        place += 12 + length
    return found < expected


def tiff_lacks_rows(image: TiffImagePlugin.TiffImageFile) -> bool:
    """Whether an opened TIFF file has no data for a part of the image."""
    places = [tile[1] for tile in image.tile if tile[1] is not None]
    covered = sum((right - left) * (below - above) for left, above, right, below in places)
    if covered < image.width * image.height:
        return True
    tags = image.tag_v2
    stored = tags.get(STRIP_BYTES, tags.get(TILE_BYTES))
    if tags.get(COMPRESSION, 1) != 1 or stored is None:
        return False
    row = math.ceil(image.width * sum(_numbers(tags.get(BITS_PER_SAMPLE, 1))) / 8)
    return sum(_numbers(stored)) < row * image.height


def _numbers(tag: int | tuple[int, ...]) -> tuple[int, ...]:
    return tag if isinstance(tag, tuple) else (tag,)
