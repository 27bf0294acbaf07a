"""Packed training images: the pixels of the PNG files, whole or made again, and patches cut out of them."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from hitsr.data.images import read_rgb, write_png
from hitsr.data.layout import hr_path, image_names, lr_path
from hitsr.data.packed import is_packed, open_packed, pack
from hitsr.data.patches import Ahead, PatchSampler
from hitsr.data.prepare import prepare
from hitsr.errors import ResultError, TrainingError
from hitsr.results.records import read_record, write_record

SCALE, SIDE = 3, 20


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Three photographs of different sizes and odd borders."""
    folder = tmp_path_factory.mktemp("data") / "set"
    prepare({"photographs": ["coffee", "rocket", "chelsea"], "rows": [0, 0.31]}, "set", SCALE, folder)
    return folder


@pytest.fixture
def folder(prepared, tmp_path):
    """A copy that a test may spoil."""
    return shutil.copytree(prepared, tmp_path / "set", ignore=shutil.ignore_patterns("packed"))


def image(packed, number):
    height, width, start = packed.heights[number], packed.widths[number], packed.starts[number]
    return packed.pixels[start : start + height * width].view(int(height), int(width), 3).numpy()


def test_packed_pixels_are_those_of_the_files(prepared):
    low, high = open_packed(prepared, SCALE, "x3"), open_packed(prepared, SCALE, "HR")
    for number, name in enumerate(image_names(prepared, SCALE)):
        assert np.array_equal(image(high, number), read_rgb(hr_path(prepared, name)))
        assert np.array_equal(image(low, number), read_rgb(lr_path(prepared, SCALE, name)))


def spoil_array(folder):
    path = folder / "packed" / "HR.npy"
    path.write_bytes(path.read_bytes()[:-1000])


def empty_array(folder):
    (folder / "packed" / "HR.npy").write_bytes(b"")


def spoil_index(folder):
    path = folder / "packed" / "HR.json"
    path.write_text(path.read_text()[:50])


def lose_index(folder):
    (folder / "packed" / "HR.json").unlink()


def change_list(folder):
    path = folder / "x3.json"
    record = read_record(path)
    record["images"].pop()
    write_record(path, record)


@pytest.mark.parametrize("spoil", [spoil_array, empty_array, spoil_index, lose_index, change_list])
def test_a_half_decoded_or_outdated_cache_is_made_again(folder, spoil):
    whole = open_packed(folder, SCALE, "HR").pixels.clone()
    spoil(folder)
    assert not is_packed(folder, SCALE, "HR")
    again = open_packed(folder, SCALE, "HR").pixels
    assert torch.equal(again, whole[: len(again)]) and (len(again) < len(whole)) == (spoil is change_list)


def test_two_processes_that_pack_the_same_data_set(folder):
    script = (
        "import sys; from pathlib import Path; from hitsr.data.packed import pack; pack(Path(sys.argv[1]), 3, 'HR')"
    )
    command = [sys.executable, "-c", script, str(folder)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0], [process.stderr.read() for process in both]
    assert is_packed(folder, SCALE, "HR")
    assert sorted(path.name for path in (folder / "packed").iterdir()) == ["HR.json", "HR.npy"]


def test_an_image_that_changed_since_is_named(folder):
    write_png(hr_path(folder, "rocket"), np.zeros((30, 30, 3), np.uint8))
    with pytest.raises(ResultError, match=r"rocket\.png: is not the image that was recorded.*delete .*x3\.json"):
        pack(folder, SCALE, "HR")
    assert list((folder / "packed").iterdir()) == []


def test_a_full_disk_leaves_nothing(folder):
    """A file size limit stands for the full disk: the same error of the same call."""
    script = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
        "from pathlib import Path; from hitsr.data.packed import pack; import sys; pack(Path(sys.argv[1]), 3, 'HR')"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True)
    assert "HR.npy: cannot be written (File too large); raise the limit" in done.stderr
    assert list((folder / "packed").iterdir()) == []


def test_not_prepared(tmp_path):
    with pytest.raises(ResultError, match=r"x2\.json: no such file"):
        open_packed(tmp_path, 2, "HR")


def test_patches_are_cut_from_one_place_of_both_images(prepared):
    """Each patch is found again in its image under one of the eight orientations; those of HR at the same place."""
    sampler = PatchSampler(prepared, SCALE, SIDE, 100, seed=5)
    images = [
        (read_rgb(lr_path(prepared, SCALE, name)), read_rgb(hr_path(prepared, name)))
        for name in image_names(prepared, SCALE)
    ]
    seen = set()
    for low, high in zip(*(part.numpy() for part in sampler.batch(7)), strict=True):
        number, place, orientation = find(low, [pair[0] for pair in images])
        top, left = (corner * SCALE for corner in place)
        expected = images[number][1][top : top + SIDE * SCALE, left : left + SIDE * SCALE]
        assert np.array_equal(high, oriented(expected, orientation))
        seen.add(orientation)
    assert len(seen) == 8


def find(patch, images):
    """Number of the image, place in it and orientation of a patch."""
    for orientation in range(8):
        back = undone(patch, orientation)
        for number, image in enumerate(images):
            windows = np.lib.stride_tricks.sliding_window_view(image, (SIDE, SIDE, 3))[:, :, 0]
            # the first row alone excludes nearly all places
            for top, left in np.argwhere((windows[:, :, 0] == back[0]).all(axis=(2, 3))):
                if np.array_equal(windows[top, left], back):
                    return number, (int(top), int(left)), orientation
    raise AssertionError("not a patch of any image")


def oriented(patch, number):
    patch = patch[:, ::-1] if number & 1 else patch
    patch = patch[::-1] if number & 2 else patch
    return patch.swapaxes(0, 1) if number & 4 else patch


def test_every_image_comes_once_in_an_epoch(prepared):
    sampler = PatchSampler(prepared, SCALE, SIDE, 2, seed=1)
    numbers = np.concatenate([sampler._images(iteration) for iteration in range(30)])
    epochs = numbers.reshape(-1, 3)
    assert (np.sort(epochs) == [0, 1, 2]).all() and len({tuple(epoch) for epoch in epochs}) > 1


def test_a_seed_gives_its_order_and_its_crops(prepared):
    one, same, other = (PatchSampler(prepared, SCALE, SIDE, 3, seed) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(one.batch(4), same.batch(4), strict=True))
    orders = [[s._images(i).tolist() for i in range(8)] for s in (one, other)]
    assert orders[0] != orders[1]
    assert not torch.equal(one.batch(4)[0], other.batch(4)[0])


def test_processes_share_a_batch(prepared):
    whole = PatchSampler(prepared, SCALE, SIDE, 6, 0).batch(3)
    parts = [PatchSampler(prepared, SCALE, SIDE, 6, 0, share=(number, 3)).batch(3) for number in range(3)]
    for whole_part, *shares in zip(whole, *parts, strict=True):
        assert torch.equal(whole_part, torch.cat(shares))


def test_batches_made_ahead_are_the_samplers_own(prepared):
    sampler = PatchSampler(prepared, SCALE, SIDE, 4, 0)
    ahead = Ahead(sampler, pin=False)
    for iteration in (0, 1, 2, 9, 3):
        assert all(torch.equal(a, b) for a, b in zip(ahead.batch(iteration), sampler.batch(iteration), strict=True))
    ahead.close()


def test_images_on_a_device_give_the_same_patches(prepared):
    on_disk, in_memory = (PatchSampler(prepared, SCALE, SIDE, 4, 0, device=d) for d in (None, torch.device("cpu")))
    assert all(torch.equal(a, b) for a, b in zip(on_disk.batch(1), in_memory.batch(1), strict=True))


def test_an_image_smaller_than_the_patch_is_named(prepared):
    with pytest.raises(TrainingError, match=r"chelsea x3: 150x31 pixels, smaller than train.patch_size=40.*exclude"):
        PatchSampler(prepared, SCALE, 40, 2, 0)


def undone(patch, number):
    patch = patch.swapaxes(0, 1) if number & 4 else patch
    patch = patch[::-1] if number & 2 else patch
    return patch[:, ::-1] if number & 1 else patch


def flip_a_pixel(folder):
    path = folder / "packed" / "HR.npy"
    data = bytearray(path.read_bytes())
    data[-1000] ^= 1
    path.write_bytes(data)


def flip_a_size(folder):
    path = folder / "packed" / "HR.json"
    path.write_text(path.read_text().replace("640", "641", 1))


def empty_array(folder):
    (folder / "packed" / "HR.npy").write_bytes(b"")


@pytest.mark.parametrize("spoil", [spoil_array, spoil_index, flip_a_pixel, flip_a_size, empty_array])
def test_a_damaged_array_is_said_and_made_again(folder, spoil, capsys):
    whole = open_packed(folder, SCALE, "HR").pixels.clone()
    array = folder / "packed" / "HR.npy"
    content = array.read_bytes()
    capsys.readouterr()
    spoil(folder)
    assert torch.equal(open_packed(folder, SCALE, "HR").pixels, whole)
    said = capsys.readouterr().err
    assert "packed/HR." in said and "is made again now" in said
    assert array.read_bytes() == content


def test_a_repaired_array_keeps_its_time(folder):
    """Snakemake would train again whatever read it."""
    open_packed(folder, SCALE, "HR")
    array = folder / "packed" / "HR.npy"
    flip_a_pixel(folder)
    os.utime(array, (1_000_000_000, 1_000_000_000))
    open_packed(folder, SCALE, "HR")
    assert array.stat().st_mtime == 1_000_000_000


def test_high_resolution_images_are_packed_once_for_all_scales(folder):
    open_packed(folder, SCALE, "HR")
    prepare({"photographs": ["coffee", "rocket", "chelsea"], "rows": [0, 0.31]}, "set", 2, folder)
    assert is_packed(folder, 2, "HR") and not is_packed(folder, 2, "x2")
