"""Measurement files of complexity and latency: the numbers, and what made them."""

from pathlib import Path

from hitsr.atomic import write_json
from hitsr.configuration import costed, grown
from hitsr.configuration.ablations import all_methods, formulations_of, scales_of
from hitsr.results import dependencies
from hitsr.results.provenance import Stopwatch

CONDITIONS = ("warm_up", "repeats", "threads", "device")
"""Keys of `latency` that say how each input is timed."""


def complexity(config: dict, method: str, scale: int, output: Path) -> None:
    """Count the network of `method` and write its measurement file."""
    watch = Stopwatch()
    from hitsr.measure.count import count, published_size

    entry, settings = all_methods(config)[method], config["complexity"]
    ptflops = scale in settings["ptflops_scales"]
    counted = count(entry["network"], scale, entry["options"], tuple(settings["output"]), ptflops)
    if settings["published_size"] and entry["options"] and method in config["methods"]:
        counted["rows"] += published_size(entry["network"], scale, tuple(settings["output"]))
    identity = {"kind": "complexity", "method": method, "scale": scale, "seed": None}
    provenance = watch.provenance(**dependencies.of_complexity(config, method, scale))
    write_json(output, {**identity, **counted, "provenance": provenance})


def growth(config: dict, scale: int, output: Path) -> None:
    """Time networks of the run at every size of `latency.growth` and write one measurement file."""
    watch = Stopwatch()
    from hitsr.devices import choose_device
    from hitsr.measure.time.run import Setting, measure

    settings = {**config["latency"], "repeats": config["latency"]["growth"]["repeats"]}
    device = str(choose_device(settings["device"]))  # the processes that are timed compute on it too
    contestants = _contestants(config, grown(config))
    setting = Setting(scale, **{key: settings[key] for key in CONDITIONS})
    rows = measure(contestants, setting, [tuple(size) for size in settings["growth"]["sizes"]])
    # a name of their own: the quantities of `latency` are at one size, the same for all
    rows = [{**row, "quantity": f"growth_{row['quantity']}"} for row in rows]
    provenance = watch.provenance(
        **dependencies.of_growth(config, scale),
        device=device,
        threads=setting.threads,
    )
    identity = {"kind": "growth", "method": None, "scale": scale, "seed": None}
    write_json(output, {**identity, "rows": rows, "provenance": provenance})


def operators(config: dict, output: Path) -> None:
    """Measure attention and correlation against the size of the window and write one measurement file."""
    watch = Stopwatch()
    from hitsr.devices import choose_device
    from hitsr.measure.attention_cost import Setting, measure

    settings = {key: value for key, value in config["operators"].items() if key != "windows"}
    rows = measure(config["operators"]["windows"], Setting(**settings))
    device = str(choose_device(settings["device"]))
    provenance = watch.provenance(**dependencies.of_operators(config), device=device)
    identity = {"kind": "operators", "method": None, "scale": None, "seed": None}
    write_json(output, {**identity, "rows": rows, "provenance": provenance})


def latency(config: dict, scale: int, output: Path) -> None:
    """Time all networks of the run against each other and write one measurement file."""
    watch = Stopwatch()
    from hitsr.devices import choose_device
    from hitsr.measure.time.run import Setting, measure

    settings = config["latency"]
    device = str(choose_device(settings["device"]))  # the processes that are timed compute on it too
    contestants = [name for name in costed(config) if scale in scales_of(config, name)]
    setting = Setting(scale, **{key: settings[key] for key in CONDITIONS})
    rows = measure(_contestants(config, contestants), setting, [tuple(settings["input"])])
    provenance = watch.provenance(**dependencies.of_latency(config, scale), device=device, threads=setting.threads)
    identity = {"kind": "latency", "method": None, "scale": scale, "seed": None}
    write_json(output, {**identity, "rows": rows, "provenance": provenance})


def _contestants(config: dict, methods: list[str]) -> list:
    from hitsr.measure.time.run import Contestant

    entries = all_methods(config)
    return [
        Contestant(name, entries[name]["network"], entries[name]["options"], formulation)
        for name in methods
        for formulation in formulations_of(config, name)
    ]
