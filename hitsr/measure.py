"""Measurement files of complexity and latency: the numbers, and what made them."""

from pathlib import Path

from hitsr import dependencies
from hitsr.ablations import all_methods, formulations_of, scales_of
from hitsr.atomic import write_json
from hitsr.provenance import Stopwatch


def complexity(config: dict, method: str, scale: int, output: Path) -> None:
    """Count the network of `method` and write its measurement file."""
    watch = Stopwatch()
    from hitsr.complexity import count, published_size

    entry, settings = all_methods(config)[method], config["complexity"]
    ptflops = scale in settings["ptflops_scales"]
    counted = count(entry["network"], scale, entry["options"], tuple(settings["output"]), ptflops)
    if settings["published_size"] and entry["options"] and method in config["methods"]:
        counted["rows"] += published_size(entry["network"], scale, tuple(settings["output"]))
    identity = {"kind": "complexity", "method": method, "scale": scale, "seed": None}
    provenance = watch.provenance(**dependencies.of_complexity(config, method, scale))
    write_json(output, {**identity, **counted, "provenance": provenance})


def latency(config: dict, scale: int, output: Path) -> None:
    """Time all networks of the run against each other and write one measurement file."""
    watch = Stopwatch()
    from hitsr.devices import choose_device
    from hitsr.latency import Contestant, Setting, measure

    settings = config["latency"]
    contestants = [
        Contestant(name, entry["network"], entry["options"], formulation)
        for name, entry in all_methods(config).items()
        if entry["network"] and scale in scales_of(config, name)
        for formulation in formulations_of(config, name)
    ]
    keys = ("warm_up", "repeats", "threads", "device")
    setting = Setting(scale, tuple(settings["input"]), **{key: settings[key] for key in keys})
    rows = measure(contestants, setting)
    provenance = watch.provenance(**dependencies.of_latency(config, scale), device=str(choose_device(setting.device)))
    identity = {"kind": "latency", "method": None, "scale": scale, "seed": None}
    write_json(output, {**identity, "rows": rows, "provenance": provenance})
