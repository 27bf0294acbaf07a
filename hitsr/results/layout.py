"""Where the files of a run lie: the one module that knows.

    results/RUN/settings/STEP-...-DIGEST.json              what a step was given
    results/RUN/logs/STEP/...log                           what it said
    results/RUN/data/DATASET/source.json                   where a public data set was found (`download`)
    results/RUN/weights/METHOD/x2.json                     which file the published weights of a method are (`fetch`)
    results/RUN/data/DATASET/x2.json                       list of the images of a prepared data set (`prepare`)
    results/RUN/data/DATASET/packed/HR.npy, x2.npy         its pixels, with an index beside each (`pack`)
    results/RUN/leaks.json                                 photographs that are in two data sets (`leaks`)
    results/RUN/train/METHOD/x2/seed0/weights.safetensors  weights, with history.json beside them (`train`)
    results/RUN/tensorboard/METHOD/x2/seed0/               its scalars for TensorBoard (`tensorboard`)
    results/RUN/restore/METHOD/x2/seed0/DATASET.json       list of the super-resolved images in DATASET/ (`restore`)
    results/RUN/score/METHOD/x2/seed0/DATASET.json         quality of every image (`score`)
    results/RUN/bicubic/x2/DATASET.json                    bicubic interpolation as papers print it (`bicubic`)
    results/RUN/count/METHOD/x2.json                       parameters and multiply-adds (`count`)
    results/RUN/time/x2.json                               latency and memory of all networks (`time`)
    results/RUN/time/resolutions/x2.json                   the same at several sizes of the image
    results/RUN/time/attention.json                        the same of attention and correlation, by size of the window
    results/RUN/attribute/METHOD/x2/seed0/attribution.json what of the input counts, with maps.npz (`attribute`)
    results/RUN/measurements.csv                           the long table (`collect`)
    results/RUN/merged.json                                the runs that a run was merged of (`merge`)
    results/RUN/from/SOURCE/...                            their measurement files, as they were
    reports/RUN/                                           what is made of it (`render`), and crops.json (`crops`)
    reports/compare/NAME/                                  two runs side by side (`compare`)

All paths are relative to the folder that the run was started in, unless another root is given. Names of methods, data
sets, scales and seeds may be Snakemake's wildcards.
"""

from dataclasses import dataclass
from pathlib import Path, PurePath

CHECKSUMS = Path(".hitsr/checksums.json")
"""Checksums of the files that runs were given, with the listing that each belongs to: it saves time only."""


@dataclass(frozen=True)
class Layout:
    """Files of one run.

    Attributes:
        run: name of the run.
        root: folder in which `results/` and `reports/` lie.
        place: folder of the results, where they were copied to another place than `results/RUN`.
    """

    run: str
    root: Path = Path()
    place: Path | None = None

    @property
    def results(self) -> Path:
        """Folder of everything that is measured."""
        return self.place or self.root / "results" / self.run

    def found(self, name: str) -> Path:
        """Where a file lies that records call `results/RUN/...`; any other name is that of a file as it is."""
        parts = PurePath(name).parts
        return self.results.joinpath(*parts[2:]) if parts[:2] == ("results", self.run) else Path(name)

    @property
    def reports(self) -> Path:
        """Folder of everything that is rendered."""
        return self.root / "reports" / self.run

    @property
    def comparisons(self) -> Path:
        """Folder of what compares runs with each other."""
        return self.root / "reports" / "compare"

    @property
    def merged(self) -> Path:
        """The runs that a run was merged of; a run that was measured has no such file."""
        return self.results / "merged.json"

    def source_of_merge(self, name: str) -> Path:
        """Folder of the measurement files of one of them."""
        return self.results / "from" / name

    @property
    def lock(self) -> Path:
        """What a workflow holds while it works on the run."""
        return self.results / "run.lock"

    @property
    def jobs_lock(self) -> Path:
        """What the jobs of a workflow hold while they run."""
        return self.results / "jobs.lock"

    @property
    def config(self) -> Path:
        """The configuration as it was given; jobs on other machines read it."""
        return self.results / "config.json"

    @property
    def settings(self) -> Path:
        """Folder of what the steps were given."""
        return self.results / "settings"

    @property
    def checked(self) -> Path:
        """What `hitsr check` found nothing wrong with."""
        return self.settings / "checked.json"

    def log(self, step: str, name: str = "log") -> Path:
        """What a step said, by what tells its jobs apart."""
        return self.results / "logs" / step / f"{name}.log"

    @property
    def data(self) -> Path:
        """Folder of the prepared data sets."""
        return self.results / "data"

    def dataset(self, name: str) -> Path:
        """Folder of a prepared data set."""
        return self.data / name

    def images(self, dataset: str, scale: int | str) -> Path:
        """List of the images of a prepared data set."""
        return self.dataset(dataset) / f"x{scale}.json"

    def source(self, dataset: str) -> Path:
        """Where a public data set was found."""
        return self.dataset(dataset) / "source.json"

    def packed(self, dataset: str, part: str) -> Path:
        """Pixels of a prepared data set: of part HR or xS."""
        return self.dataset(dataset) / "packed" / f"{part}.npy"

    def fetched(self, method: str, scale: int | str) -> Path:
        """Which file the published weights of a method are."""
        return self.results / "weights" / method / f"x{scale}.json"

    @property
    def leaks(self) -> Path:
        """Photographs that are in two data sets."""
        return self.results / "leaks.json"

    def train(self, method: str, scale: int | str, seed: int | str) -> Path:
        """Folder of weights and history of one training."""
        return self.results / "train" / method / f"x{scale}" / f"seed{seed}"

    @property
    def trainings(self) -> Path:
        """Folder of all trainings."""
        return self.results / "train"

    @property
    def tensorboard(self) -> Path:
        """Folder of the scalars of trainings for TensorBoard."""
        return self.results / "tensorboard"

    def weights(self, method: str, scale: int | str, seed: int | str) -> Path:
        """Weights of one training."""
        return self.train(method, scale, seed) / "weights.safetensors"

    def history(self, method: str, scale: int | str, seed: int | str) -> Path:
        """Losses and validation of one training."""
        return self.train(method, scale, seed) / "history.json"

    def restore(self, method: str, scale: int | str, seed: int | str) -> Path:
        """Folder of the images that one method super-resolved, a folder DATASET each."""
        return self.results / "restore" / method / f"x{scale}" / f"seed{seed}"

    def restored(self, method: str, scale: int | str, seed: int | str, dataset: str) -> Path:
        """List of the images of one data set that one method super-resolved."""
        return self.restore(method, scale, seed) / f"{dataset}.json"

    def external(self, method: str, scale: int | str, dataset: str) -> Path:
        """Folder that an external program writes super-resolved images into."""
        return self.results / "external" / method / f"x{scale}" / dataset

    def score(self, method: str, scale: int | str, seed: int | str, dataset: str) -> Path:
        """Quality of the images of one method."""
        return self.results / "score" / method / f"x{scale}" / f"seed{seed}" / f"{dataset}.json"

    def bicubic(self, scale: int | str, dataset: str) -> Path:
        """Bicubic interpolation of one data set by the protocol of printed rows."""
        return self.results / "bicubic" / f"x{scale}" / f"{dataset}.json"

    def count(self, method: str, scale: int | str) -> Path:
        """Complexity of one network."""
        return self.results / "count" / method / f"x{scale}.json"

    def time(self, scale: int | str) -> Path:
        """Latency and memory of the networks of the run."""
        return self.results / "time" / f"x{scale}.json"

    def time_resolutions(self, scale: int | str) -> Path:
        """Latency and memory against the size of the image."""
        return self.results / "time" / "resolutions" / f"x{scale}.json"

    @property
    def time_attention(self) -> Path:
        """Cost of attention and correlation against the size of the window."""
        return self.results / "time" / "attention.json"

    def attribute(self, method: str, scale: int | str, seed: int | str) -> Path:
        """Folder of the attribution of one method."""
        return self.results / "attribute" / method / f"x{scale}" / f"seed{seed}"

    def attribution(self, method: str, scale: int | str, seed: int | str) -> Path:
        """What of the input counts for one method."""
        return self.attribute(method, scale, seed) / "attribution.json"

    @property
    def measurements(self) -> Path:
        """The long table of all numbers."""
        return self.results / "measurements.csv"

    @property
    def crops(self) -> Path:
        """What the visual comparison shows."""
        return self.reports / "crops.json"

    @property
    def claims(self) -> Path:
        """Which claims of the paper hold."""
        return self.reports / "claims.md"

    @property
    def page(self) -> Path:
        """The report."""
        return self.reports / "report.html"

    def table(self, name: str, suffix: str = ".md") -> Path:
        """A table."""
        return self.reports / "tables" / f"{name}{suffix}"

    def figure(self, name: str, suffix: str = ".svg") -> Path:
        """A figure."""
        return self.reports / "figures" / f"{name}{suffix}"
