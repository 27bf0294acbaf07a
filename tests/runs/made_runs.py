"""Small runs with known answers, as the workflow leaves them, for the tests of several runs."""

from pathlib import Path

import numpy as np

from hitsr.atomic import write_json
from hitsr.data.images import write_png
from hitsr.data.prepare import prepare
from hitsr.data.prepared import open_prepared
from hitsr.measure.quality import fingerprint
from hitsr.results.layout import Layout
from hitsr.results.lineage import identity
from hitsr.results.records import collect, write_record

HARDWARE = {"cpu": "A Processor", "cores": 2, "memory_gib": 4.0, "gpu": None}
ORIGIN = {
    "command": "hitsr score", "config_digest": "aaaa", "source_digest": "bbbb", "commit": "0123456789abcdef",
    "dirty": False, "versions": {"python": "3.11.2", "torch": "2.11.0"}, "packages": "numpy==2.0 torch==2.11.0",
    "hardware": HARDWARE, "device": "cpu", "threads": 1, "seed": 0, "started": "2026-01-01T00:00:00+00:00",
    "duration_s": 1.5, "sources": {"hitsr/networks/hit_sir.py": "cccc"}, "numerics": {"mkldnn": True},
}  # fmt: skip
IMAGES = ("a", "b", "c", "d", "e", "f")
TRAIN = {"iterations": 100, "learning_rate": 0.001, "loss": "l1"}
SIR = {"name": "HiT-SIR", "options": {"dim": 16}, "checkpoint": None}
SRF = {"name": "HiT-SRF", "options": {"dim": 16}, "checkpoint": None}


class Maker:
    """Writes a run below a folder.

    Args:
        root: where `results/RUN` goes.
        origin: what differs in the provenance of every file.
        pixels: seed of the photographs of its data sets.
    """

    def __init__(self, root: Path, run: str = "demo", pixels: int = 0, **origin):
        self.layout, self.origin, self.files = Layout(run, root), {**ORIGIN, **origin}, []
        self.config = {"run": run, "methods": {}, "test_sets": [], "seeds": [0]}
        self.data("training", 1)
        self._pixels = pixels

    def data(self, name: str, pixels: int, images=IMAGES) -> None:
        """A prepared data set."""
        random = np.random.default_rng(pixels)
        photographs = self.layout.root / "photographs" / self.layout.run / name
        for image in images:
            write_png(photographs / f"{image}.png", random.integers(0, 256, (16, 20, 3), dtype=np.uint8))
        prepare({"folder": str(photographs)}, name, 2, self.layout.dataset(name))

    def named(self, path: Path) -> str:
        """A file as records call it."""
        return str(path.relative_to(self.layout.root))

    def write(self, path: Path, settings: dict, made_of=(), measured: bool = True, **content) -> None:
        made = {self.named(file): identity(file) for file in made_of}
        write_record(path, {**content, "provenance": {**self.origin, "settings": settings, "made_of": made}})
        if measured:
            self.files.append(path)

    def scored(
        self, method: str, psnr: list[float], network=SIR, train=TRAIN, seed: int = 0, dataset: str = "photographs",
        protocol: str = "paper",
    ) -> None:  # fmt: skip
        """A method that was trained (unless `train` is None), and its PSNR on every image."""
        layout, who = self.layout, {"method": method, "scale": 2, "seed": seed}
        images = layout.images(dataset, 2)
        if not images.is_file():
            self.data(dataset, self._pixels, IMAGES[: len(psnr)])
        self.config["methods"].setdefault(method, {})
        self.config["test_sets"] = list(dict.fromkeys([*self.config["test_sets"], dataset]))
        self.config["seeds"] = sorted({*self.config["seeds"], seed})
        used = [images]
        if train is not None:
            settings = {"train": train, "starts_from_x2": False, "training_set": "training", "network": network}
            self.write(layout.history(**who), settings, [layout.images("training", 2)], kind="training", rows=[], **who)
            used.append(layout.history(**who))
        settings = {
            "network": network if train else None,
            "interpolation": None if train else "bicubic",
            "images": None,
        }
        settings |= {"ready": None, "weights": None, "precision": "float32", "tile": None, "self_ensemble": False}
        restored = layout.restored(**who, dataset=dataset)
        self.write(restored, settings, used, measured=False, kind="images", dataset=dataset, images=[], **who)
        rows = [
            {"dataset": dataset, "image": image, "quantity": "psnr", "unit": "dB", "protocol": protocol, "value": value}
            for image, value in zip(IMAGES, psnr, strict=False)
        ]
        score = {**who, "dataset": dataset}
        prepared = open_prepared(images.parent, 2)
        prints = {name: fingerprint(prepared.high(name)) for name in prepared.names}
        self.write(
            layout.score(**score), {"method": method}, [restored, images],
            kind="quality", rows=rows, fingerprints=prints, **score,
        )  # fmt: skip

    def counted(self, method: str, parameters: int, network=SIR, output=(1280, 720)) -> None:
        where = {"input": f"{output[0] // 2}x{output[1] // 2}", "implementation": "reference"}
        rows = [{"quantity": "parameters", "unit": "", "value": parameters}]
        rows += [{**where, "quantity": "macs_fvcore", "unit": "MACs", "value": 1000 * parameters}]
        settings = {"network": network, "output": list(output)}
        who = {"kind": "complexity", "method": method, "scale": 2, "seed": None}
        self.write(self.layout.count(method, 2), settings, rows=rows, **who)

    def timed(self, times: dict[str, float], size: str = "80x45", networks=None) -> None:
        rows = []
        for method, median in times.items():
            where = {"method": method, "input": size, "implementation": "optimized", "backend": "eager"}
            where |= {"precision": "float32", "device": self.origin["hardware"]["cpu"], "unit": "ms"}
            rows += [
                {**where, "quantity": f"latency_{name}", "value": median * factor}
                for name, factor in (("median", 1.0), ("p10", 0.95), ("p90", 1.05))
            ]
        contestants = [{"method": m, "network": (networks or {}).get(m, SIR)} for m in times]
        settings = {"contestants": contestants, "scale": 2, "keep_pages": True}
        rounds = [
            {
                "method": method, "implementation": "optimized", "backend": "eager", "input": size,
                "milliseconds": [median * factor for factor in (0.95, 0.98, 1.0, 1.0, 1.0, 1.02, 1.05)],
            }
            for method, median in times.items()
        ]  # fmt: skip
        who = {"rounds": rounds, "kind": "latency", "method": None, "scale": 2, "seed": None}
        self.write(self.layout.time(2), settings, rows=rows, **who)


def finish(maker: Maker, monkeypatch) -> Path:
    """Collect a run from within its folder, as the workflow does."""
    write_json(maker.layout.config, maker.config)
    with monkeypatch.context() as patch:
        patch.chdir(maker.layout.root)
        files = [Path(maker.named(file)) for file in dict.fromkeys(maker.files)]
        measured = [file for file in files if "train" not in file.parts]
        collect(maker.layout.run, measured, Path(maker.named(maker.layout.measurements)))
    return maker.layout.results
