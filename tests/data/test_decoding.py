"""Decoding what users bring: the right way up, in the right colours, or refused in one line; never a traceback."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from hitsr.data.decoding import SeveralImagesError, decode
from hitsr.data.images import read_rgb
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.errors import ConfigError, ImageError

BLOCKS = np.kron(np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8), np.ones((8, 8, 1), np.uint8))
"""Blocks of 8 pixels: JPEG turns them exactly as it stores them."""
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}
"""How a stored image is turned, by EXIF orientation (CIPA DC-008, table of tag 274)."""


def encoded(image, form, **options) -> bytes:
    buffer = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(buffer, format=form, **({"lossless": True, "exact": True} if form == "WEBP" else {}), **options)
    return buffer.getvalue()


def decoded(image, form="PNG", **options):
    return decode("x.png", data=encoded(image, form, **options))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(form, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    found = decoded(BLOCKS, form, exif=exif)
    assert np.array_equal(found.rgb, UPRIGHT[orientation](decoded(BLOCKS, form).rgb))
    assert found.notes == (() if orientation == 1 else (f"turned upright (EXIF orientation {orientation})",))


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0xx" * 9]
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_data(form, exif):
    found = decoded(BLOCKS, form, exif=exif)
    assert np.array_equal(found.rgb, decoded(BLOCKS, form).rgb)


def test_the_photographs_of_the_package_are_read_as_they_are_stored():
    for name, photograph in PHOTOGRAPHS.items():
        with Image.open(photograph.path) as image:
            assert np.array_equal(read_rgb(photograph.path), np.array(image.convert("RGB"))), name


def matrix_profile(red, green, blue, gamma: float) -> bytes:
    """A minimal ICC profile (version 2) of a display: colorants as XYZ under D50, and a gamma."""

    def fixed(*values):
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    tags = {b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"Wide\0" + bytes(78), b"cprt": b"text\0\0\0\0none\0"}
    tags[b"wtpt"] = b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249)
    for tag, colour in ((b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue)):
        tags[tag] = b"XYZ \0\0\0\0" + fixed(*colour)
    for tag in (b"rTRC", b"gTRC", b"bTRC"):
        tags[tag] = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    offset, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for tag, data in tags.items():
        table += tag + struct.pack(">II", offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(
        ">I4s4s4s4s4s", 132 + len(table) - 4 + len(body), b"\0" * 4, b"\x02\x20\0\0", b"mntr", b"RGB ", b"XYZ "
    )
    head += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + table + body


ADOBE = {"red": (0.60974, 0.31111, 0.01947), "green": (0.20528, 0.62567, 0.06087), "blue": (0.14919, 0.06322, 0.74457)}
"""Colorants of Adobe RGB (1998) under D50, as its specification gives them."""
TO_SRGB = np.array(
    [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
)
"""XYZ under D50 to linear sRGB (Bradford; Lindbloom)."""


def test_a_wide_colour_space_becomes_srgb_by_its_definition():
    """Against the formulas of the two colour spaces; within two levels, as the library computes in 16 bits."""
    icc = matrix_profile(**ADOBE, gamma=2.19921875)
    colours = np.random.default_rng(1).integers(60, 200, (16, 16, 3), dtype=np.uint8)
    found = decoded(colours, icc_profile=icc)
    xyz = (colours / 255) ** 2.19921875 @ np.array([ADOBE["red"], ADOBE["green"], ADOBE["blue"]])
    linear = np.clip(xyz @ TO_SRGB.T, 0, 1)
    expected = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(found.rgb - expected).max() < 2 and np.abs(colours - expected).max() > 15
    assert found.notes == ("converted from 'Wide' to sRGB",) and found.profile is None


def test_values_are_left_as_they_are_stored_or_kept_with_their_profile():
    icc = matrix_profile(**ADOBE, gamma=2.2)
    found = decode("x.png", "stored", encoded(BLOCKS, "PNG", icc_profile=icc))
    assert np.array_equal(found.rgb, BLOCKS) and found.profile is None
    assert found.notes == ("values as stored, colour profile 'Wide' not applied",)
    found = decode("x.png", "kept", encoded(BLOCKS, "PNG", icc_profile=icc))
    assert np.array_equal(found.rgb, BLOCKS) and found.profile == icc
    assert found.notes == ("colour profile 'Wide' kept",)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_an_srgb_profile_changes_no_value(form):
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = decoded(BLOCKS, form, icc_profile=icc)
    assert np.array_equal(found.rgb, decoded(BLOCKS, form).rgb) and found.notes == ()


def test_profiles_that_do_not_fit_are_named():
    icc = matrix_profile(**ADOBE, gamma=2.2)
    for data, image, words in (
        (b"nonsense" * 30, Image.fromarray(BLOCKS), "damaged"),
        (icc, Image.fromarray(BLOCKS).convert("CMYK"), "is not for CMYK images"),
    ):
        found = decoded(image, "JPEG", icc_profile=data)
        assert len(found.notes) == 1 and words in found.notes[0]
    gray = decoded(BLOCKS[..., 0], icc_profile=icc)
    assert gray.notes == ("converted from 'Wide' to sRGB",), "gray values under an RGB profile"


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "LA", "RGBA", "PA"])
def test_every_mode_of_8_bits_becomes_rgb(mode):
    image = Image.fromarray(BLOCKS).convert("LA" if mode == "LA" else mode if mode != "PA" else "P")
    form, options = ("TIFF", {}) if mode == "CMYK" else ("PNG", {"transparency": 255} if mode == "PA" else {})
    found = decoded(image, form, **options)
    assert np.array_equal(found.rgb, np.array(image.convert("RGB"))) and found.alpha is None
    assert found.notes == (("CMYK without a colour profile, converted plainly",) if mode == "CMYK" else ())


@pytest.mark.parametrize(
    ("image", "form", "words"),
    [
        (Image.fromarray(BLOCKS[..., 0].astype(np.uint16) * 256), "PNG", "more than 8 bits"),
        (Image.fromarray(BLOCKS[..., 0].astype(np.uint16) * 256), "TIFF", "more than 8 bits"),
        (Image.fromarray(BLOCKS[..., 0].astype(np.int32) * 256), "TIFF", "more than 8 bits"),
        (Image.fromarray(BLOCKS[..., 0].astype(np.float32)), "TIFF", "more than 8 bits"),
        (Image.fromarray(BLOCKS).convert("LAB"), "TIFF", "LAB colours"),
    ],
)
def test_what_would_be_read_as_something_else_is_refused(image, form, words):
    with pytest.raises(ImageError, match=f"x.png: .*{words}"):
        decoded(image, form)


def test_deep_portable_maps_are_refused():
    for magic, samples in ((b"P5", 1), (b"P6", 3)):
        with pytest.raises(ImageError, match="more than 8 bits"):
            decode("x.ppm", data=magic + b"\n2 2\n65535\n" + bytes(8 * samples))
        assert decode("x.ppm", data=magic + b"\n2 2\n255\n" + bytes(4 * samples)).rgb.shape == (2, 2, 3)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animations_are_refused(form):
    frames = [Image.fromarray(np.roll(BLOCKS, shift, axis=1)) for shift in (0, 8, 16)]
    with pytest.raises(SeveralImagesError, match="holds 3 images"):
        decoded(frames[0], form, save_all=True, append_images=frames[1:])


def test_the_preview_in_a_photograph_of_a_phone_is_none():
    frames = [Image.fromarray(BLOCKS), Image.fromarray(BLOCKS[:8, :8])]
    data = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert decode("x.jpg", data=data).rgb.shape == BLOCKS.shape


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_transparency(form):
    alpha = np.tile(np.linspace(0, 255, 48).round().astype(np.uint8), (32, 1))
    found = decoded(np.dstack([BLOCKS, alpha]), form)
    assert np.array_equal(found.rgb, BLOCKS) and np.array_equal(found.alpha, alpha)
    flat = found.flattened("#ff8000")
    share = alpha[..., None] / 255
    assert np.array_equal(flat.rgb, np.round(BLOCKS * share + np.array([255, 128, 0]) * (1 - share)))
    assert flat.alpha is None and flat.notes[-1] == "flattened onto #ff8000"
    with pytest.raises(ConfigError, match="expected a colour such as '#ffffff' or 'white', found 'sky'"):
        found.flattened("sky")


def test_transparent_palette_and_key_colour():
    palette = Image.fromarray(BLOCKS).quantize(8)
    for image in (palette, Image.fromarray(BLOCKS), Image.fromarray(BLOCKS[..., 0])):
        key = 3 if image.mode == "P" else tuple(BLOCKS[0, 0].tolist()) if image.mode == "RGB" else int(BLOCKS[0, 0, 0])
        found = decoded(image, transparency=key)
        where = np.array(image) == np.array(key)
        where = where.all(axis=2) if where.ndim == 3 else where
        assert where.any() and np.array_equal(found.alpha == 0, where), image.mode
        assert np.array_equal(found.rgb, np.array(image.convert("RGB"))), image.mode


def test_images_above_pillows_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    Image.fromarray(BLOCKS).save(tmp_path / "large.png")
    assert np.array_equal(read_rgb(tmp_path / "large.png"), BLOCKS) and Image.MAX_IMAGE_PIXELS == 100


def test_an_image_that_does_not_fit_into_memory_is_named():
    head = io.BytesIO(encoded(BLOCKS, "PNG")).getvalue()
    size = b"IHDR" + struct.pack(">IIBBBBB", 2_000_000, 2_000_000, 8, 2, 0, 0, 0)
    data = head[:12] + size + struct.pack(">I", zlib.crc32(size)) + head[33:]
    with pytest.raises(ImageError, match=r"x.png: 2000000x2000000 pixels take .* GiB of memory to decode"):
        decode("x.png", data=data)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM"])
def test_damage_is_never_a_traceback(form):
    """Cut at every twentieth, and bytes flipped at random places: an image, or one line."""
    whole, random = encoded(BLOCKS, form), np.random.default_rng(4)
    damaged = [whole[: len(whole) * part // 20] for part in range(20)]
    for _ in range(40):
        spoilt = bytearray(whole)
        for place in random.integers(0, len(whole), 4):
            spoilt[place] ^= int(random.integers(1, 256))
        damaged.append(bytes(spoilt))
    refused = 0
    for data in damaged:
        try:
            decode("x.png", data=data)
        except ImageError as error:
            refused += 1
            assert str(error).startswith("x.png: ")
    assert refused >= 15


def test_a_flipped_bit_in_the_pixels_of_a_png_is_refused(tmp_path):
    """Asking for EXIF data loads the pixels; what goes wrong there must not be lost."""
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)).save(buffer, "PNG")
    for place in range(60, len(buffer.getvalue()) - 20, 97):
        spoilt = bytearray(buffer.getvalue())
        spoilt[place] ^= 1
        with pytest.raises(ImageError, match="cannot be decoded"):
            decode(tmp_path / "a.png", data=bytes(spoilt))


def test_a_png_file_holds_all_rows_of_its_header():
    """Interlaced ones, which Pillow only reads, have seven images of their own; one that lacks the last is refused."""
    pixels = np.random.default_rng(0).integers(0, 256, (9, 11, 3), dtype=np.uint8)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def interlaced(passes: int) -> bytes:
        starts = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
        rows = [row for x, y, dx, dy in starts[:passes] for row in pixels[y::dy, x::dx] if row.size]
        head = struct.pack(">IIBBBBB", 11, 9, 8, 2, 0, 0, 1)
        data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")

    assert (decode("x.png", data=interlaced(7)).rgb == pixels).all()
    with pytest.raises(ImageError, match="x.png: holds fewer rows than its header says"):
        decode("x.png", data=interlaced(6))


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("restarts", [{}, {"restart_marker_blocks": 1}, {"restart_marker_rows": 1}])
def test_a_jpeg_file_holds_all_rows_of_its_header(progressive, restarts):
    """Also one of a single colour, with what cameras write behind it; one whose header claims more is refused."""
    noise = np.random.default_rng(0).integers(0, 256, (21, 37, 3), dtype=np.uint8)
    for pixels in (noise, np.full_like(noise, 255), BLOCKS, BLOCKS[..., 0]):
        whole = encoded(pixels, "JPEG", quality=75, progressive=progressive, **restarts)
        assert decode("x.jpg", data=whole + b"\0junk\xff\xd8\xff").rgb.shape[:2] == pixels.shape[:2]
        frame = whole.index(b"\xff\xc2" if progressive else b"\xff\xc0") + 5
        for rows in (16, 900):
            lying = whole[:frame] + struct.pack(">H", len(pixels) + rows) + whole[frame + 2 :]
            with pytest.raises(ImageError, match="x.jpg: holds fewer rows than its header says"):
                decode("x.jpg", data=lying)


def test_what_is_not_an_image(tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    (tmp_path / "gone.png").symlink_to("nowhere")
    (tmp_path / "folder.png").mkdir()
    for name, words in (
        ("empty.png", "is empty"),
        ("text.png", "not an image of a format that is read"),
        ("gone.png", "no such image"),
        ("folder.png", "cannot be read"),
    ):
        with pytest.raises(ImageError, match=f"{name}: {words}"):
            read_rgb(tmp_path / name)
