"""Odd image files: each is read as it must look, or refused in one line that names it."""

import io
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from arena import Arena, Attack, demand
from PIL import Image, ImageCms

from hitsr.data.images import read_rgb
from hitsr.data.prepare import prepare
from hitsr.errors import HitsrError

KIND = "odd images"
PIXELS = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
Expected = np.ndarray | None
"""How an image must look if it is read; None: anything but a crash."""


def encoded(image: Image.Image, kind: str = "PNG", **settings: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def rgb(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.array(image.convert("RGB"))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG written by hand: what its header claims need not be true."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def oriented(number: int, kind: str) -> tuple[bytes, np.ndarray]:
    """An image stored turned, with the EXIF tag that turns it back; smooth, so that JPEG changes little."""
    ramp = np.linspace(0, 255, 24)[:, None] * np.ones(32)
    image = Image.fromarray(np.stack([ramp, ramp.T.repeat(1, 0)[:24, :1] * np.ones(32), ramp * 0], 2).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = number
    settings = {"PNG": {}, "TIFF": {}, "JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}[kind]
    data = encoded(image, kind, exif=exif, **settings)
    turn = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
    }[number]  # fmt: skip
    # Pillow turns TIFF by itself
    upright = image if kind == "TIFF" else Image.fromarray(rgb(data))
    return data, np.array(upright if turn is None else upright.transpose(turn))


def swapped_profile() -> bytes:
    """The sRGB profile with the primaries of red and green exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"?XYZ", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"?XYZ", b"gXYZ", 1)


def taller(image: Image.Image, kind: str, **settings: object) -> bytes:
    """A file whose header claims twice as many rows as there are."""
    data = bytearray(encoded(image, kind, **settings))
    height = image.height
    if kind == "TIFF":
        start = struct.unpack("<I", data[4:8])[0]
        for place in range(start + 2, start + 2 + 12 * struct.unpack("<H", data[start : start + 2])[0], 12):
            tag = struct.unpack("<H", data[place : place + 2])[0]
            if tag in settings.get("tags", (257,)):
                struct.pack_into("<HII", data, place + 2, 4, 1, 2 * height)
        return bytes(data)
    old, new = {
        "PNG": (struct.pack(">I", height), struct.pack(">I", 2 * height)),
        "BMP": (struct.pack("<i", height), struct.pack("<i", 2 * height)),
        "PPM": (b" %d\n" % height, b" %d\n" % (2 * height)),
        "GIF": (struct.pack("<HH", image.width, height), struct.pack("<HH", image.width, 2 * height)),
    }[kind]
    found = bytes(data).replace(old, new)
    if kind == "PNG":
        found = found[:29] + struct.pack(">I", zlib.crc32(found[12:29])) + found[33:]
    assert found != bytes(data)
    return found


def cases() -> Iterator[tuple[str, bytes, object]]:
    """Name of a file, its content, and what may come of it: an array, a list of arrays, "refused", or None."""
    image = Image.fromarray(PIXELS)
    whole, jpeg = encoded(image), encoded(image, "JPEG", quality=95)
    for place in (0, 8, 20, 33, 60, len(whole) // 2):
        yield f"cut{place}.png", whole[:place], "refused"
    yield "end-cut.png", whole[:-20], [PIXELS]
    yield "cut.jpg", jpeg[: len(jpeg) // 2], "refused"
    webp = encoded(image, "WEBP", lossless=True)
    yield "cut.webp", webp[: len(webp) // 2], "refused"
    yield "cut.tif", encoded(image, "TIFF")[:900], "refused"
    for kind in ("PNG", "BMP", "PPM", "GIF"):
        yield f"taller.{kind.lower()}", taller(image, kind), "refused"
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        settings = {"compression": compression} if compression else {}
        yield f"taller-{compression}.tif", taller(image, "TIFF", **settings), "refused"
    yield "taller-strip.tif", taller(image, "TIFF", tags=(257, 278)) + bytes(9999), "refused"
    yield "text.png", b"not an image", "refused"
    yield "page.jpg", b"<!DOCTYPE html><html>404</html>", "refused"
    yield "zeros.png", bytes(3000), "refused"
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    yield "flipped.png", bytes(flipped), "refused"
    yield "jpeg.png", jpeg, rgb(jpeg)
    yield "png.jpg", whole, PIXELS
    yield "trailing.png", whole + b"more" * 100, PIXELS
    for number in range(1, 9):
        data, upright = oriented(number, "JPEG")
        yield f"exif{number}.jpg", data, upright
    for kind in ("PNG", "WEBP", "TIFF"):
        data, upright = oriented(6, kind)
        yield f"exif6.{kind.lower()}", data, upright
    broken = encoded(image, "JPEG", exif=b"Exif\0\0" + b"\xff" * 40)
    yield "broken-exif.jpg", broken, rgb(broken)
    profile = swapped_profile()
    to_srgb = ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    )
    yield "profile.png", encoded(image, icc_profile=profile), [PIXELS, np.array(to_srgb)]
    yield "broken-profile.png", encoded(image, icc_profile=b"nonsense" * 9), PIXELS
    yield "cmyk.jpg", encoded(image.convert("CMYK"), "JPEG", quality=95), None
    other = Image.fromarray(PIXELS[::-1].copy())
    yield "animated.gif", encoded(image, "GIF", save_all=True, append_images=[other]), None
    yield "animated.webp", encoded(image, "WEBP", save_all=True, append_images=[other], lossless=True), [PIXELS]
    yield "animated.png", encoded(image, "PNG", save_all=True, append_images=[other]), [PIXELS]
    yield "pages.tif", encoded(image, "TIFF", save_all=True, append_images=[other]), [PIXELS]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in PIXELS.reshape(24, -1).astype(np.uint16) * 257)
    yield "sixteen.png", png(32, 24, 16, 2, rows), [PIXELS]
    yield "sixteen-gray.png", encoded(Image.fromarray(PIXELS[..., 0].astype(np.uint16) * 257)), None
    yield "float.tif", encoded(Image.fromarray(PIXELS[..., 0].astype(np.float32)), "TIFF"), "refused"
    yield "int32.tif", encoded(Image.fromarray(PIXELS[..., 0].astype(np.int32)), "TIFF"), "refused"
    gray = np.repeat(PIXELS[..., :1], 3, 2)
    yield "gray.png", encoded(Image.fromarray(PIXELS[..., 0])), gray
    palette = image.quantize(64)
    yield "palette.png", encoded(palette), np.array(palette.convert("RGB"))
    yield "palette-clear.png", encoded(palette, transparency=3), "refused"
    bits = Image.fromarray(PIXELS[..., 0]).convert("1")
    yield "bits.png", encoded(bits), np.array(bits.convert("RGB"))
    opaque = np.dstack([PIXELS, np.full((24, 32), 255, np.uint8)])
    yield "opaque.png", encoded(Image.fromarray(opaque)), PIXELS
    yield "clear.png", encoded(Image.fromarray(np.dstack([PIXELS, PIXELS[..., 0]]))), "refused"
    yield "bmp.bmp", encoded(image, "BMP"), PIXELS
    for width, height in ((1, 5000), (5000, 1), (1, 1), (2, 2), (3, 2)):
        line = np.resize(PIXELS.reshape(-1, 3), (height, width, 3))
        yield f"{width}x{height}.png", encoded(Image.fromarray(line)), line
    yield "bomb.png", png(100_000, 100_000, 8, 2, b"\0" * 1000), "refused"
    yield "no-width.png", png(0, 24, 8, 2, b""), "refused"
    yield "huge-height.png", png(1, 2**31 - 1, 8, 2, b""), "refused"
    text = zlib.compress(b"A" * 80_000_000)
    yield "text-bomb.png", png(32, 24, 8, 2, rows_of(PIXELS), chunk(b"zTXt", b"c\0\0" + text)), [PIXELS]
    for name in (
        "$(touch PWNED).png",
        "`touch PWNED`.png",
        "a;b&c|d'e\"f.png",
        "{wildcards.x}.png",
        "-rf.png",
        "new\nline.png",
    ):
        yield name, whole, PIXELS
    yield "名前.png", whole, PIXELS
    yield "e\u0301.png", whole, PIXELS
    yield "x" * 236 + ".png", whole, PIXELS
    yield os.fsdecode(b"latin-\xe9.png"), whole, PIXELS


def rows_of(pixels: np.ndarray) -> bytes:
    return b"".join(b"\0" + row.tobytes() for row in pixels)


def one_line(error: HitsrError, name: str) -> None:
    """A refusal is one printable line that names the file."""
    text = str(error)
    demand("\n" not in text and text.isprintable(), f"message is not one printable line: {text!r}")
    plain = name.encode("ascii", "replace").decode().split("?")[0][:12].split("\n")[0]
    demand(plain in text, f"message does not name the file: {text!r}")


def read(name: str, data: bytes, expected: object, arena: Arena) -> None:
    with arena.folder() as folder:
        images = folder / "images"
        images.mkdir()
        (images / name).write_bytes(data)
        try:
            prepare({"folder": str(images)}, "odd", 2, folder / "prepared")
        except HitsrError as error:
            one_line(error, name)
            too_small = isinstance(expected, np.ndarray) and min(expected.shape[:2]) < 2
            odd_name = name.encode("utf-8", "replace").decode() != name or not name.isprintable()
            wanted = isinstance(expected, np.ndarray) and not too_small and not odd_name
            demand(not wanted, f"refused, although it can be read: {error}")
        else:
            demand(not isinstance(expected, str), "read, although it is damaged or holds more than can be shown")
            stored = list((folder / "prepared" / "HR").iterdir())
            demand(len(stored) == 1, f"{len(stored)} images were made of one")
            likely(read_rgb(stored[0]), expected)
        demand(not (Path("PWNED").exists() or list(folder.rglob("PWNED"))), "its name was executed")


def likely(found: np.ndarray, expected: object) -> None:
    choices = expected if isinstance(expected, list) else [] if expected is None else [expected]
    demand(
        not choices
        or any(each.shape == found.shape and np.abs(each.astype(int) - found).max() <= 2 for each in choices),
        f"is read as another image ({found.shape[1]}x{found.shape[0]})",
    )


def special(name: str, make: Callable[[Path], None], arena: Arena) -> None:
    """Something in a folder that is no file; the image beside it is used."""
    with arena.folder() as folder:
        images = folder / "images"
        images.mkdir()
        (images / "good.png").write_bytes(encoded(Image.fromarray(PIXELS)))
        make(images / name)
        try:
            prepare({"folder": str(images)}, "odd", 2, folder / "prepared")
        except HitsrError as error:
            one_line(error, name)


def attacks() -> Iterator[Attack]:
    for name, data, expected in cases():
        yield Attack(KIND, name if name.isprintable() else repr(name), partial(read, name, data, expected))
    others = {
        "folder.png": lambda path: path.mkdir(),
        "pipe.png": os.mkfifo,
        "loop.png": lambda path: path.symlink_to(path),
        "gone.png": lambda path: path.symlink_to("nowhere.png"),
        "good.jpg": lambda path: path.write_bytes(encoded(Image.fromarray(PIXELS), "JPEG")),
    }
    for name, make in others.items():
        yield Attack(KIND, f"{name} beside an image", partial(special, name, make))
