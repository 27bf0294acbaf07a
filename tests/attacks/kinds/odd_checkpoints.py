"""Odd files given as weights: nothing is executed, nothing large is built, and nothing but finite weights is used."""

import json
import os
import pickle
import resource
import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from arena import Arena, Attack, demand

import hitsr
from hitsr.checkpoints.loading import load, load_any
from hitsr.errors import HitsrError

KIND = "odd checkpoints"
NETWORK, OPTIONS = "HiT-SIR", {"dim": 16, "depths": [1], "heads": 2, "window_ratios": [1]}
IMAGE = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
MEMORY = 700 * 2**10
"""KiB that refusing a file may take at most."""


class Code:
    """Executes a command when it is unpickled."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self) -> tuple:
        return os.system, (f"touch '{self.marker}'",)


def good(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Tensors and metadata of a checkpoint as the suite writes it."""
    torch.manual_seed(0)
    hitsr.save(hitsr.build(NETWORK, 2, **OPTIONS), path)
    with safetensors.safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    # copies: the file that they are mapped from is about to change
    return {name: tensor.clone() for name, tensor in safetensors.torch.load_file(path).items()}, metadata


def changed_tensors(change: Callable[[dict], object]) -> Callable[[Path], None]:
    """A checkpoint of before there were checksums, with other tensors: nothing else stands between it and a score."""

    def write(path: Path) -> None:
        tensors, metadata = good(path)
        change(tensors)
        metadata.pop("checksum", None)
        path.write_bytes(safetensors.torch.save(tensors, metadata))

    return write


def filled(value: float) -> Callable[[Path], None]:
    def change(tensors: dict) -> None:
        name = next(iter(tensors))
        tensors[name].flatten()[0] = value

    return changed_tensors(change)


def everywhere(value: float) -> Callable[[Path], None]:
    return changed_tensors(lambda tensors: [tensor.fill_(value) for tensor in tensors.values()])


def as_type(kind: torch.dtype) -> Callable[[Path], None]:
    return changed_tensors(lambda tensors: tensors.update({n: (t * 10).to(kind) for n, t in tensors.items()}))


def changed_metadata(**changes: str | None) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        tensors, metadata = good(path)
        metadata.pop("checksum", None)
        for key, value in changes.items():
            metadata.pop(key, None) if value is None else metadata.update({key: value})
        path.write_bytes(safetensors.torch.save(tensors, metadata))

    return write


def changed_bytes(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        good(path)
        path.write_bytes(change(path.read_bytes()))

    return write


def header(content: object) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text)

    return write


def flipped(place: int) -> Callable[[Path], None]:
    def change(content: bytes) -> bytes:
        found = bytearray(content)
        found[place] ^= 2
        return bytes(found)

    return changed_bytes(change)


def written(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content)


def saved(make: Callable[[Path], object], **settings: object) -> Callable[[Path], None]:
    return lambda path: torch.save(make(path), path, **settings)


def tensors_of(_: Path) -> dict[str, torch.Tensor]:
    return hitsr.to_official(hitsr.build(NETWORK, 2, **OPTIONS))


def tensors_of_other(name: str, scale: int, **options: object) -> dict[str, torch.Tensor]:
    return hitsr.to_official(hitsr.build(name, scale, **options))


def marker(path: Path) -> Path:
    return path.parent / "EXECUTED"


def claims(shape: list[int]) -> Callable[[Path], None]:
    length = 4 * int(np.prod(shape))
    return header(
        {"__metadata__": {"format": "hitsr-1"}, "a": {"dtype": "F32", "shape": shape, "data_offsets": [0, length]}}
    )


def refused_cases() -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Name of a file, and what writes it."""
    yield "code.pth", saved(lambda path: {"params": Code(marker(path))})
    yield "code-legacy.pth", saved(lambda path: Code(marker(path)), _use_new_zipfile_serialization=False)
    yield "code-among-tensors.pth", saved(lambda path: {**tensors_of(path), "x": Code(marker(path))})
    yield "code.safetensors", saved(lambda path: Code(marker(path)))
    yield "pickle.pth", lambda path: path.write_bytes(pickle.dumps(Code(marker(path))))
    yield "pickle.safetensors", lambda path: path.write_bytes(pickle.dumps(Code(marker(path))))
    for value in (float("nan"), float("inf"), -float("inf"), 1e30):
        yield f"one-{value}.safetensors", filled(value) if value != 1e30 else everywhere(value)
        yield f"all-{value}.safetensors", everywhere(value)
        yield (
            f"{value}.pth",
            saved(
                lambda path, value=value: {n: t.fill_(value) for n, t in tensors_of(path).items() if "mask" not in n}
            ),
        )
    for kind in (torch.int8, torch.uint8, torch.int64, torch.bool, torch.complex64):
        if kind is not torch.complex64:
            yield f"{kind}.safetensors", as_type(kind)
        yield f"{kind}.pth", saved(lambda path, kind=kind: {n: t.to(kind) for n, t in tensors_of(path).items()})
    for place in (0, 4, 8, 100, 5000, -1, -500):
        yield f"cut{place}.safetensors", changed_bytes(lambda content, place=place: content[:place])
    for place in (0, 3, 9, 60, 300, 900, 4000, -1, -3000):
        yield f"flipped{place}.safetensors", flipped(place)
    yield "header-length.safetensors", written(struct.pack("<Q", 2**63) + b"{}")
    yield "header-negative.safetensors", written(b"\xff" * 8 + b"{}")
    yield "header-no-json.safetensors", header(b"{" * 4000)
    yield "header-list.safetensors", header([1, 2])
    yield "header-deep.safetensors", header(b"[" * 100_000)
    yield "claims-3-gib.safetensors", claims([2**15, 24_576])
    yield "claims-2-to-the-62.safetensors", claims([2**31, 2**31])
    yield "metadata-2-gib.safetensors", changed_metadata(options=json.dumps({**OPTIONS, "dim": 4_000}))
    yield "metadata-many-layers.safetensors", changed_metadata(options=json.dumps({**OPTIONS, "depths": [10**9]}))
    yield "metadata-no-options.safetensors", changed_metadata(options=None)
    yield "metadata-broken-options.safetensors", changed_metadata(options="{'dim': 16")
    yield "metadata-list-options.safetensors", changed_metadata(options="[1]")
    yield "metadata-other-option.safetensors", changed_metadata(options=json.dumps({**OPTIONS, "colour": 1}))
    yield "metadata-scale-two.safetensors", changed_metadata(scale="two")
    yield "metadata-scale-9.safetensors", changed_metadata(scale="9")
    yield "metadata-other-network.safetensors", changed_metadata(network="SwinIR-Light")
    yield "metadata-unknown-network.safetensors", changed_metadata(network="../../evil.py:Net")
    yield "metadata-no-network.safetensors", changed_metadata(network=None)
    yield "metadata-record.safetensors", changed_metadata(record="{")
    yield "no-metadata.safetensors", lambda path: safetensors.torch.save_file({"a": torch.zeros(3)}, path)
    yield "missing.safetensors", changed_tensors(lambda tensors: tensors.pop(next(iter(tensors))))
    yield "extra.safetensors", changed_tensors(lambda tensors: tensors.update(extra=torch.zeros(3)))
    yield "shaped.safetensors", changed_tensors(lambda t: t.update({n: v[:-1].clone() for n, v in list(t.items())[:1]}))
    yield "empty.safetensors", written(b"")
    yield "empty.pth", written(b"")
    yield "page.pth", written(b"<!DOCTYPE html><html>Not Found</html>")
    yield "page.safetensors", written(b"<!DOCTYPE html><html>Not Found</html>")
    yield "arrays.pth", lambda path: np.savez(path.open("wb"), a=np.zeros(3))
    yield "list.pth", saved(lambda _: [torch.zeros(3)])
    yield "tensor.pth", saved(lambda _: torch.zeros(3))
    yield "numbers.pth", saved(lambda _: {"a": 1, "b": "c"})
    yield "nothing.pth", saved(lambda _: {})
    yield "keys.pth", saved(lambda _: {1: torch.zeros(3), (2, 3): torch.zeros(2)})
    yield "sparse.pth", saved(lambda _: {"conv_first.weight": torch.zeros(2, 2).to_sparse()})
    yield "expanded.pth", saved(lambda _: {"conv_first.weight": torch.zeros(1).expand(2**33)})
    yield (
        "other-network.pth",
        saved(lambda _: hitsr.to_official(hitsr.build("SwinIR-Light", 2, dim=16, depths=[1], heads=2))),
    )
    yield "other-scale.pth", saved(lambda _: hitsr.to_official(hitsr.build(NETWORK, 3, **OPTIONS)))
    yield "folder.safetensors", lambda path: path.mkdir()
    yield "folder.pth", lambda path: path.mkdir()
    yield "nowhere.safetensors", lambda path: path.symlink_to("gone")


def refuse(name: str, write: Callable[[Path], object], arena: Arena) -> None:
    with arena.folder() as folder:
        path = folder / name
        write(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # as a verb does it: our files by themselves, others into the network that is asked for
        readers = [partial(load_any, path, NETWORK, 2, OPTIONS)]
        readers += [partial(load, path)] if path.suffix == ".safetensors" else []
        for reader in readers:
            try:
                hitsr.upscale(reader(), IMAGE)
            except HitsrError as error:
                text = str(error)
                demand("\n" not in text and text.isprintable(), f"message is not one printable line: {text!r}")
                demand(path.name in text or "finite" in text, f"message does not name the file: {text}")
            else:
                demand(False, "is used")
        demand(not marker(path).exists(), "its code was executed")
        timed_at_sizes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        demand(timed_at_sizes < MEMORY, f"refusing it took {timed_at_sizes / 2**20:.1f} GiB")


def accept(kind: torch.dtype, arena: Arena) -> None:
    """Other formats of floats hold weights too: they give what the same weights give in float32."""
    with arena.folder() as folder:
        path = folder / "weights.safetensors"
        tensors, metadata = good(path)
        metadata.pop("checksum", None)
        path.write_bytes(safetensors.torch.save({n: t.to(kind) for n, t in tensors.items()}, metadata))
        expected = hitsr.build(NETWORK, 2, **OPTIONS)
        expected.load_state_dict({n: t.to(kind).float() for n, t in tensors.items()})
        try:
            found = hitsr.upscale(load(path), IMAGE)
        except HitsrError as error:
            demand(path.name in str(error), f"message does not name the file: {error}")
        else:
            demand(np.array_equal(found, hitsr.upscale(expected.eval(), IMAGE)), "gives another image")


def attacks() -> Iterator[Attack]:
    for name, write in refused_cases():
        yield Attack(KIND, name, partial(refuse, name, write))
    for kind in (torch.float16, torch.bfloat16, torch.float64):
        yield Attack(KIND, f"weights of {kind}", partial(accept, kind))
