"""A run of four methods with known answers, for the tests of reports."""

from pathlib import Path

import numpy as np
import pytest

from hitsr.analysis import crops, measurements
from hitsr.configuration import resolve
from hitsr.data.images import write_png
from hitsr.data.prepare import prepare
from hitsr.report import claims, figures, page, tables
from hitsr.restore.run import run as restore
from hitsr.results.records import collect, hash_of, write_record

MEASUREMENTS = Path("results/made-up/measurements.csv")
ORIGIN = {
    "command": "hitsr score", "config_digest": "aaaa", "source_digest": "bbbb", "commit": "0123456789abcdef",
    "dirty": False,
    "versions": {}, "hardware": {"cpu": "A Processor", "cores": 2, "memory_gib": 4.0, "gpu": None}, "device": "cpu",
    "threads": 1, "seed": 0, "started": "2026-01-01T00:00:00+00:00", "duration_s": 1.5,
}  # fmt: skip
DIGESTS = {key: ORIGIN[key] for key in ("config_digest", "source_digest")}
PSNR = {"Bicubic": 30.0, "SwinIR-Light": 31.504, "HiT-SIR": 31.496, "HiT-SRF": 32.25}
RAW = {
    "run": "made-up",
    "methods": {name: {} for name in PSNR},
    "datasets": {"set_1": {"folder": "x"}, "training": {"folder": "y"}},
    "training_set": "training",
    "test_sets": ["set_1"],
    "report": {
        "tables": ["main", "efficiency", "complexity", "comparison"],
        "crops": [{"dataset": "set_1", "image": "a", "x": 4, "y": 4, "width": 16, "height": 12}],
    },
}
CONFIG = resolve(RAW)
LEAKS = [
    {"dataset": "training", "quantity": "images_compared", "unit": "images", "value": 3},
    {"dataset": "set_1", "quantity": "images_compared", "unit": "images", "value": 2},
    *(
        {"dataset": dataset, "image": image, "other": other, "quantity": f"{kind}_{what}", "unit": "", "value": value}
        for dataset, image, other, kind, correlation, distance in (
            ("training", "0801", "set_1/a", "leak", 0.98765, 16),
            ("set_1", "a", "set_1/b", "duplicate", 0.9, 80),
        )
        for what, value in (("correlation", correlation), ("distance", distance))
    ),
]
"""Image 0801 of the training set is image a of the test set, which is also its image b."""


def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the measurement files, images and long table below `folder`, and make it the project; returns it.

    HiT-SRF was not timed; SwinIR-Light and HiT-SIR were attributed, and timed at two sizes.
    """
    monkeypatch.chdir(folder)
    results = Path("results/made-up")
    files = []

    def record(path: str, **content) -> None:
        file = results / path
        file.parent.mkdir(parents=True, exist_ok=True)
        write_record(file, {"scale": 2, "seed": None, **content, "provenance": ORIGIN})
        files.append(file)

    image = np.random.default_rng(0).integers(0, 256, (40, 48, 3), dtype=np.uint8)
    for name in ("a", "b"):
        write_png(Path(f"x/{name}.png"), image)
    prepare(CONFIG["datasets"]["set_1"], "set_1", 2, results / "data" / "set_1")
    latency, resolutions = [], []
    for number, (name, psnr) in enumerate(PSNR.items()):
        rows = [
            {"dataset": "set_1", "image": i, "protocol": "paper", "quantity": quantity, "unit": "", "value": value}
            for i, shift in (("a", 1), ("b", -1))
            for quantity, value in (("psnr", psnr + shift), ("ssim", 0.9))
        ]
        record(f"quality/{name}.json", kind="quality", method=name, rows=rows, **{"seed": 0})
        made = np.roll(image, number, axis=1)
        who = {"method": name, "scale": 2, "seed": 0, "dataset": "set_1"}
        folder_of = results / "restore" / name / "x2" / "seed0"
        restore(lambda *_, made=made: made, who, results / "data", folder_of, DIGESTS)
        if name == "Bicubic":
            continue
        counts = [{"quantity": "parameters", "unit": "", "value": 772064}]
        shared = {"input": "640x360", "implementation": "reference", "unit": ""}
        counts += [{**shared, "quantity": "macs_fvcore", "value": 2.5e9 + number}]
        left_out = {"fvcore": {"aten::softmax": 3}}
        record(f"complexity/{name}.json", kind="complexity", method=name, rows=counts, left_out=left_out)
        history = [
            {"iteration": i, "quantity": q, "unit": "", "value": v}
            for i in (10, 20, 30)
            for q, v in (("loss", 1 / i), ("validation_psnr", 20 + i), ("training_time", 2.0 * i))
        ]
        record(f"train/{name}.json", kind="training", method=name, rows=history, **{"seed": 0})
        if name != "HiT-SRF":
            times = {"latency_median": 100 / (number + 1), "latency_p10": 1, "latency_p90": 2, "peak_memory": 3}
            shared = {"method": name, "input": "320x180", "implementation": "optimized", "backend": "eager"}
            latency += [{**shared, "quantity": key, "unit": "", "value": value} for key, value in times.items()]
            resolutions += resolutions_of(name, slower=number)
            place = {"dataset": "set_1", "image": "a", "x": 10, "y": 8, "left": 1, "top": 0, "width": 20, "height": 20}
            maps = results / f"attribution/{name}/maps.npz"
            extra = {"places": [place], "patch": 8, "seed": 0, "rows": attribution_of(maps.parent)}
            extra["maps_sha256"] = hash_of(maps.read_bytes())
            record(f"attribution/{name}/attribution.json", kind="attribution", method=name, **extra)
    record("latency/x2.json", kind="latency", method=None, rows=latency)
    record("resolutions/x2.json", kind="resolutions", method=None, rows=resolutions)
    record("leaks.json", kind="leaks", method=None, rows=LEAKS)
    collect("made-up", files, results / "measurements.csv")
    crops.write(measurements.read(folder / MEASUREMENTS), CONFIG, crops.path_of(CONFIG))
    return folder


def resolutions_of(method: str, slower: int) -> list[dict]:
    """Time in proportion to the pixels, memory in proportion to the root of them."""
    rows = []
    for implementation, factor in (("reference", 2), ("optimized", 1)):
        for size, pixels in (("80x45", 3600), ("160x90", 14400)):
            where = {"method": method, "input": size, "implementation": implementation, "backend": "eager", "unit": ""}
            rows.append({**where, "quantity": "latency_median", "value": factor * slower * pixels / 100})
            rows.append({**where, "quantity": "peak_memory", "value": factor * pixels**0.5})
    return rows


def attribution_of(folder: Path) -> list[dict]:
    """Maps with one bright pixel each, and what was measured of them."""
    folder.mkdir(parents=True)
    attribution, field = np.full((20, 20), 0.01), np.full((39, 39), 1e-5)
    attribution[8, 7], field[19, 19] = -1, 1
    np.savez(folder / "maps.npz", attribution_0=attribution.astype("f4"), receptive_field=field.astype("f4"))
    side = {"protocol": "95 %", "unit": "pixels"}
    return [
        {"dataset": "set_1", "image": "a", "quantity": "diffusion_index", "unit": "", "value": 12.5},
        {"dataset": "set_1", "image": "a", "quantity": "receptive_field", **side, "value": 7},
        {"quantity": "receptive_field_averaged", **side, "value": 9},
    ]


def report(folder: Path, config: dict = CONFIG) -> Path:
    """Render tables, figures, claims card and page of the made-up run in `folder`; returns the page."""
    made = folder / "reports" / "made-up"
    for name in config["report"]["figures"]:
        figures.render(name, folder / MEASUREMENTS, config, made / "figures")
    for name in config["report"]["tables"]:
        tables.render(name, folder / MEASUREMENTS, config, made / "tables")
    claims.render(folder / MEASUREMENTS, config, made)
    page.render(folder / MEASUREMENTS, config, made)
    return made / "report.html"
