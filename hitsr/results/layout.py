"""Where the files of a run lie: the one module that knows.

    results/RUN/data/DATASET/x2.json                      list of the images of a prepared data set (`prepare`)
    results/RUN/train/METHOD/x2/seed0/weights.safetensors weights (`train`), with history.json beside them
    results/RUN/restore/METHOD/x2/seed0/images.json       list of super-resolved images (`restore`)
    results/RUN/score/METHOD/x2/seed0.json                quality of every image (`score`)
    results/RUN/count/METHOD/x2.json                      parameters and multiply-adds (`count`)
    results/RUN/time/x2.json                              latency and memory of all networks (`time`)
    results/RUN/attribute/METHOD/x2/seed0/attribution.json
    results/RUN/measurements.csv                          the long table (`collect`)
    reports/RUN/                                          what is rendered from it (`render`)

All paths are relative to the folder that the run was started in, unless another root is given.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """Files of one run.

    Attributes:
        run: name of the run.
        root: folder in which `results/` and `reports/` lie.
    """

    run: str
    root: Path = Path()

    @property
    def results(self) -> Path:
        """Folder of everything that is measured."""
        return self.root / "results" / self.run

    @property
    def reports(self) -> Path:
        """Folder of everything that is rendered."""
        return self.root / "reports" / self.run

    @property
    def data(self) -> Path:
        """Folder of the prepared data sets."""
        return self.results / "data"

    @property
    def measurements(self) -> Path:
        """The long table of all numbers."""
        return self.results / "measurements.csv"

    @property
    def crops(self) -> Path:
        """What the visual comparison shows."""
        return self.reports / "crops.json"

    def dataset(self, name: str) -> Path:
        """Folder of a prepared data set."""
        return self.data / name

    def train(self, method: str, scale: int | str, seed: int | str) -> Path:
        """Folder of weights and history of one training."""
        return self.results / "train" / method / f"x{scale}" / f"seed{seed}"

    def restore(self, method: str, scale: int | str, seed: int | str) -> Path:
        """Folder of the images that one method super-resolved."""
        return self.results / "restore" / method / f"x{scale}" / f"seed{seed}"

    def score(self, method: str, scale: int | str, seed: int | str) -> Path:
        """Quality of the images of one method."""
        return self.results / "score" / method / f"x{scale}" / f"seed{seed}.json"

    def count(self, method: str, scale: int | str) -> Path:
        """Complexity of one network."""
        return self.results / "count" / method / f"x{scale}.json"

    def time(self, scale: int | str) -> Path:
        """Latency and memory of the networks of the run."""
        return self.results / "time" / f"x{scale}.json"

    def attribute(self, method: str, scale: int | str, seed: int | str) -> Path:
        """Folder of the attribution of one method."""
        return self.results / "attribute" / method / f"x{scale}" / f"seed{seed}"
