"""Whether an image file holds as many rows as its header says: Pillow leaves those that are missing black or gray."""

import io
import math
import zlib

from PIL import Image, TiffImagePlugin

BITS_PER_SAMPLE, COMPRESSION, STRIP_BYTES, TILE_BYTES = 258, 259, 279, 325
"""TIFF tags."""
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel, by the colour type of a PNG file."""
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column and row, and steps between columns and rows, of the passes of an interlaced PNG file."""

ARITHMETIC, RESTARTS = (0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF), range(0xD0, 0xD8)
ALONE, END, SCAN, RESTART_INTERVAL = (0, 1, 0xD8, *RESTARTS), 0xD9, 0xDA, 0xDD
"""Markers of a JPEG file (ITU-T T.81, table B.1): frames with arithmetic coding, restarts, those without a length."""
NOISE = bytes(pow(7, power, 251) for power in range(250))
"""Compressed data that nobody wrote; without 0xFF, which would begin a marker."""


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


def jpeg_lacks_rows(data: bytes, image: Image.Image) -> bool:
    """Whether a JPEG file that was decoded has no data for a part of the image.

    Libjpeg fills what is missing without a word that Pillow hands on. It reads no further than it must, though: what
    follows the data of a whole image changes nothing, and fills a part that is missing.
    """
    longer = _with_noise(data)
    if longer is None:
        return False
    with Image.open(io.BytesIO(longer), formats=("JPEG",)) as other:
        return other.tobytes() != image.tobytes()


def _with_noise(data: bytes) -> bytes | None:
    """A JPEG file with noise after the data of each scan; None for one with arithmetic coding, which reads ahead."""
    pieces, done, place, restarts = [], 0, 2, False
    while place + 4 <= len(data) and data[place + 1] != END:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        if data[place] != 0xFF or marker == 0xFF:
            place += 1
            continue
        if marker in ALONE:
            place += 2
            continue
        if marker in ARITHMETIC:
            return None
        if marker == RESTART_INTERVAL:
            restarts = data[place + 4 : place + 6] != bytes(2)
        place += 2 + length
        if marker == SCAN:
            place, last = _end_of_scan(data, place)
            more = range(1, 64 if restarts else 1)
            intervals = [bytes((0xFF, RESTARTS[(last + count) % 8])) + NOISE[3 * count :] for count in more]
            pieces += [data[done:place], NOISE, *intervals]
            done = place
    return b"".join([*pieces, data[done:]])


def _end_of_scan(data: bytes, place: int) -> tuple[int, int]:
    """Where the marker behind the data of a scan stands, and the number of the last restart before it, or -1."""
    last = -1
    while (place := data.find(0xFF, place)) >= 0 and place + 1 < len(data):
        following = data[place + 1]
        if following in RESTARTS:
            last = following - RESTARTS[0]
        elif following not in (0, 0xFF):
            return place, last
        place += 1 if following == 0xFF else 2
    return len(data), last


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
