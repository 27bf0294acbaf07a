"""Runs of several machines or people as one run: every measurement file as it was, under names that cannot collide.

The same training (method, scale, seed) made on two machines gives two networks: the second stands apart, in a row
`METHOD+at=SOURCE`, and no mean is taken over both. What both measured with equal result is taken once.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hitsr.analysis.runs import images
from hitsr.analysis.runs.sources import Source, check_names
from hitsr.configuration.ablations import all_methods
from hitsr.errors import ResultError
from hitsr.results.layout import Layout
from hitsr.results.records import collect, write_record

PER_TRAINING = ("quality", "training", "attribution")
"""Kinds of measurements of one training."""
TIMED = ("latency", "resolutions")
"""Kinds of measurements of a device."""
Who = tuple[str, int, int]
"""Method, scale and seed of a training."""


@dataclass
class Merged:
    """A merged run.

    Attributes:
        apart: trainings that two sources made, by source, with the name of the row in which the second one stands.
        agreed: what two sources measured with equal result.
        left_out: what is not in the merged run, and why: a sentence each.
        records: what the long table holds of each measurement file.
        without_images: methods whose super-resolved images were not copied.
    """

    layout: Layout
    config: dict[str, Any]
    sources: list[Source]
    apart: dict[tuple[str, Who], str] = field(default_factory=dict)
    agreed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    records: dict[Path, dict] = field(default_factory=dict)
    without_images: set[str] = field(default_factory=set)

    @property
    def names_apart(self) -> list[str]:
        """Rows of trainings that stand apart."""
        return sorted(set(self.apart.values()))


def merge(sources: list[Source], run: str, config: dict[str, Any]) -> Merged:
    """Write the results of a merged run: measurement files, images, and the long table.

    Args:
        config: the configuration of the merged run, as `joined` makes it; methods that stand apart are added.

    Raises:
        ResultError: two sources have different methods, images or counts under one name, or the run is one that was
            measured here.
    """
    merged = Merged(Layout(run), config, sources)
    check_names(sources)
    _check_data(sources)
    _trainings(merged)
    origins: dict[Path, Path] = {}
    for source in sources:
        for file, record in source.run.records.items():
            target = merged.layout.source_of_merge(source.label) / Path(file).relative_to(source.run.layout.results)
            shown = _shown(merged, source, record)
            if shown["rows"]:
                merged.records[target], origins[target] = shown, Path(file)
    _entries_apart(merged)
    # nothing is written, and nothing goes, before everything is known to fit
    _clear(merged.layout)
    for target, measured in origins.items():
        _link(measured, target)
        maps = measured.with_name("maps.npz")
        if merged.records[target]["kind"] == "attribution" and maps.is_file():
            _link(maps, target.with_name(maps.name))
    _copy_images(merged)
    collect(run, list(merged.records), merged.layout.measurements, read=merged.records.__getitem__)
    write_record(
        merged.layout.merged,
        {
            "kind": "merged",
            "sources": {each.label: {"run": each.run.name, "folder": str(each.run.layout.results)} for each in sources},
            "apart": merged.names_apart,
            "agreed": merged.agreed,
            "left_out": merged.left_out,
        },
    )
    return merged


def _clear(layout: Layout) -> None:
    """Make room: an earlier merge goes, a run that was measured stays.

    Raises:
        ResultError: there is such a run.
    """
    if layout.results.exists() and not layout.merged.is_file():
        raise ResultError(f"{layout.results}: is a run that was measured here; give the merged one another name")
    for folder in (layout.results, layout.reports):
        shutil.rmtree(folder, ignore_errors=True)


def _check_data(sources: list[Source]) -> None:
    """A data set of one name must have the same images everywhere.

    Raises:
        ResultError: it has not.
    """
    known: dict[tuple[str, int], Source] = {}
    for source in sources:
        for dataset, scale in _scored(source):
            first = known.setdefault((dataset, scale), source)
            difference = "" if first is source else images.differ(first.run, source.run, (dataset, dataset), scale)
            if difference:
                raise ResultError(
                    f"test set {dataset} x{scale}: {first.label} and {source.label} have {difference}; their numbers "
                    "are no comparison: score both on the same images, or give one data set another name"
                )


def _scored(source: Source) -> list[tuple[str, int]]:
    rows = source.run.table[source.run.table.kind == "quality"][["dataset", "scale"]].drop_duplicates()
    return [(dataset, int(scale)) for dataset, scale in rows.itertuples(index=False)]


def _trainings(merged: Merged) -> None:
    """Find trainings that several sources made; where no number differs, the first source has it."""
    first: dict[Who, tuple[Source, dict]] = {}
    for source in merged.sources:
        for who, numbers in _numbers(source).items():
            if who not in first:
                first[who] = source, numbers
                continue
            other, known = first[who]
            method, scale, seed = who
            shared = known.keys() & numbers.keys()
            if shared and all(known[key] == numbers[key] for key in shared):
                merged.agreed.append(f"{method} x{scale}, seed {seed}: equal in {other.label} and {source.label}")
                known.update(numbers)
            else:
                merged.apart[source.label, who] = f"{method}+at={source.label}"


def _numbers(source: Source) -> dict[Who, dict[tuple, float]]:
    """Every score of each training of a source, by the names of the merged run."""
    found: dict[Who, dict[tuple, float]] = {}
    for record in source.run.records.values():
        if record["kind"] == "quality":
            own = found.setdefault(_who(source, record), {})
            own |= {(r["dataset"], r["image"], r["quantity"], r["protocol"]): r["value"] for r in record["rows"]}
    return found


def _who(source: Source, record: dict) -> Who:
    """The training that a record is of; what was not trained has one, whatever seeds its run has."""
    method, scale = record["method"], record["scale"]
    return source.called(method), scale, record["seed"] if source.trained(method, scale) else 0


def _shown(merged: Merged, source: Source, record: dict) -> dict:
    """A record as the merged table has it: renamed, and without what an earlier source says with equal result."""
    kind, rows = record["kind"], record["rows"]
    if kind == "attention_cost" and any(other["kind"] == kind for other in merged.records.values()):
        merged.left_out.append(f"cost of attention by {source.label}: one device is shown, that of the first source")
        return {**record, "rows": []}
    found = {**record, "method": record.get("method") and source.called(record["method"])}
    if kind in PER_TRAINING:
        who = _who(source, record)
        name = merged.apart.get((source.label, who))
        found["seed"] = who[2]
        if name is None:
            return {**found, "rows": list(_new(merged, source, found, rows))}
        return {**found, "method": name}
    if kind in TIMED:
        return {**found, "rows": [_timed(merged, source, record, row) for row in rows]}
    return {**found, "rows": list(_new(merged, source, found, rows))}


def _timed(merged: Merged, source: Source, record: dict, row: dict) -> dict:
    """A timing with its device: two machines with one model of processor are two devices."""
    hardware = record["provenance"]["hardware"]
    own = row.get("device") or hardware["gpu"] or hardware["cpu"]
    others = {_device(other) for other in merged.sources if other is not source}
    device = f"{own} ({source.label})" if own in others else own
    method = row.get("method")
    return {**row, "device": device, **({"method": source.called(method)} if method else {})}


def _device(source: Source) -> str | None:
    """The device on which a source was timed."""
    for record in source.run.records.values():
        if record["kind"] in TIMED:
            hardware = record["provenance"]["hardware"]
            return next(
                (row["device"] for row in record["rows"] if row.get("device")), hardware["gpu"] or hardware["cpu"]
            )
    return None


def _new(merged: Merged, source: Source, record: dict, rows: Sequence[dict]) -> Iterator[dict]:
    """Rows that no earlier source has.

    Raises:
        ResultError: an earlier source has another value for one: counting does not depend on a machine.
    """
    identity = ("kind", "method", "scale", "seed")
    known = {
        _key(other, row): (row["value"], path)
        for path, other in merged.records.items()
        if all(other.get(key) == record.get(key) for key in identity)
        for row in other["rows"]
    }
    for row in rows:
        value, path = known.get(_key(record, row), (None, None))
        if path is None:
            yield row
        elif value != row["value"] and record["kind"] not in PER_TRAINING:
            raise ResultError(
                f"{row['quantity']} of {record['method'] or row.get('dataset', '')} x{record['scale']}: {value} in "
                f"{path}, {row['value']} in {source.label}; they are not of one thing: delete the wrong one, or "
                f"rename: --rename {source.label}:{record['method']}=NEW-NAME"
            )


def _key(record: dict, row: dict) -> tuple:
    return tuple(sorted((key, str(value)) for key, value in row.items() if key not in ("value", "unit")))


def _entries_apart(merged: Merged) -> None:
    """Add a method for every row that stands apart: the same network, trained with the same seed elsewhere."""
    known = all_methods(merged.config)
    for (label, (method, _, seed)), name in merged.apart.items():
        entry = {key: value for key, value in known[method].items() if key != "axis"}
        note = f"the training of {method} with seed {seed} that {label} made: the same seed, another machine"
        merged.config["methods"][name] = {**entry, "retrains": entry["retrains"] or method, "note": note}


def _copy_images(merged: Merged) -> None:
    """Lists and images of test sets, and the super-resolved images that crops show, where the sources have them."""
    layout = merged.layout
    for source in merged.sources:
        own = source.run.layout
        for dataset, scale in _scored(source):
            if not layout.images(dataset, scale).is_file():
                _link(own.images(dataset, scale), layout.images(dataset, scale))
                for part in (Path("HR"), Path("LR") / f"x{scale}"):
                    _link_folder(own.dataset(dataset) / part, layout.dataset(dataset) / part)
        for record in source.run.records.values():
            if record["kind"] != "quality":
                continue
            who, dataset = _who(source, record), record["dataset"]
            name = merged.apart.get((source.label, who), who[0])
            target = layout.restored(name, *who[1:], dataset)
            if target.is_file():
                continue
            place = (record["method"], record["scale"], record["seed"])
            _link(own.restored(*place, dataset), target)
            if not _link_folder(own.restore(*place) / dataset, layout.restore(name, *who[1:]) / dataset):
                merged.without_images.add(name)
    if merged.without_images:
        names = ", ".join(sorted(merged.without_images))
        merged.left_out.append(f"crops: the super-resolved images of {names} were not copied")


def _link_folder(source: Path, target: Path) -> bool:
    """Link every image of a folder; False if there is none."""
    found = sorted(source.glob("*.png"))
    for path in found:
        if not (target / path.name).exists():
            _link(path, target / path.name)
    return bool(found)


def _link(source: Path, target: Path) -> None:
    """The same file at another place; files of results are never changed, but replaced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        target.hardlink_to(source)
        return
    shutil.copy2(source, target)
