"""What a timing leaves behind: rows of the long table, every round, who was timed with whom, what failed, and why."""

from collections.abc import Sequence
from dataclasses import asdict

from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.results import Measured, Size
from hitsr.networks.registry import network_module
from hitsr.results.environment import hardware
from hitsr.results.fingerprints import source_digest
from hitsr.results.provenance import Stopwatch, digest

MODULES = ("hitsr.measure.time.rounds", "hitsr.measure.time.worker")
"""Where a timing begins: in the process that asks, and in those that answer."""


def origin(contestants: Sequence[Contestant], setting: Setting, sizes: Sequence[Size]) -> dict[str, str]:
    """Digests of what decides a timing: settings, and the source of networks, back-ends and of the measuring."""
    modules = {network_module(each.network) for each in contestants}
    modules |= {f"hitsr.measure.time.backends.{each.backend}" for each in contestants}
    return {
        "config_digest": digest([[asdict(each) for each in contestants], asdict(setting), list(sizes)]),
        "source_digest": source_digest(*MODULES, *sorted(modules)),
    }


def recorded(found: Measured, setting: Setting, watch: Stopwatch, digests: dict) -> dict:
    """A timing as JSON.

    Args:
        digests: as `Stopwatch.provenance` takes them.
    """
    provenance = watch.provenance(
        **digests, device=found.device or "cpu", threads=setting.threads, numerics=found.numerics
    )
    name = hardware()["gpu" if found.device.startswith("cuda") else "cpu"]
    return {
        "rows": [{**row, "device": name} for row in found.rows(setting)],
        "rounds": found.raw(),
        "groups": [[str(result.contestant) for result in group] for group in found.groups],
        "not_measured": found.failures(),
        "gpu": found.gpu,
        "provenance": provenance,
    }
