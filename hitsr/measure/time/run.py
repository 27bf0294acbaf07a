"""Time the networks of a run against each other, at one size or at several, and write a measurement file."""

from pathlib import Path

from hitsr.atomic import write_json
from hitsr.configuration import costed, grown, growth_sizes
from hitsr.configuration.ablations import all_methods, formulations_of, scales_of
from hitsr.devices import choose_device
from hitsr.measure.time.rounds import Contestant, Setting, measure
from hitsr.results.provenance import Stopwatch

CONDITIONS = ("warm_up", "repeats", "threads", "device")
"""Keys of `latency` that say how each input is timed."""


def run(config: dict, scale: int, output: Path, digests: dict[str, str]) -> None:
    """Time all networks of the run against each other and write one measurement file."""
    watch = Stopwatch()
    settings = config["latency"]
    device = str(choose_device(settings["device"]))  # the processes that are timed compute on it too
    contestants = [name for name in costed(config) if scale in scales_of(config, name)]
    setting = Setting(scale, **{key: settings[key] for key in CONDITIONS})
    rows = measure(_contestants(config, contestants), setting, [tuple(settings["input"])])
    provenance = watch.provenance(**digests, device=device, threads=setting.threads)
    identity = {"kind": "latency", "method": None, "scale": scale, "seed": None}
    write_json(output, {**identity, "rows": rows, "provenance": provenance})


def run_sizes(config: dict, scale: int, output: Path, digests: dict[str, str]) -> None:
    """Time networks at every size of `latency.growth` but that of `latency`, and write one measurement file."""
    watch = Stopwatch()
    settings = {**config["latency"], "repeats": config["latency"]["growth"]["repeats"]}
    device = str(choose_device(settings["device"]))  # the processes that are timed compute on it too
    contestants = _contestants(config, grown(config))
    setting = Setting(scale, **{key: settings[key] for key in CONDITIONS})
    rows = measure(contestants, setting, growth_sizes(config))
    provenance = watch.provenance(**digests, device=device, threads=setting.threads)
    identity = {"kind": "growth", "method": None, "scale": scale, "seed": None}
    write_json(output, {**identity, "rows": rows, "provenance": provenance})


def _contestants(config: dict, methods: list[str]) -> list[Contestant]:
    entries = all_methods(config)
    return [
        Contestant(name, entries[name]["network"], entries[name]["options"], formulation)
        for name in methods
        for formulation in formulations_of(config, name)
    ]
