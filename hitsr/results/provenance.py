"""What made a file: command, settings, source, packages, hardware, flags, threads, seed, time."""

import hashlib
import json
import os
import time
from datetime import UTC, datetime

from hitsr.results import environment
from hitsr.results.revision import command, revision


def digest(value: object) -> str:
    """12 hexadecimal digits of the JSON of `value`, the same for equal values."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


class Stopwatch:
    """Started when made; gives the provenance of a result when the work is done."""

    def __init__(self) -> None:
        self.started = datetime.now(UTC)
        self._start = time.perf_counter()
        # of the source as it is now: it may have changed when a training of days ends
        self._revision = revision()
        self._load = round(os.getloadavg()[0], 2)

    def provenance(
        self,
        *,
        config_digest: str,
        source_digest: str,
        settings: dict[str, object] | None = None,
        sources: dict[str, str] | None = None,
        made_of: dict[str, str] | None = None,
        seed: int | None = None,
        device: str = "cpu",
        threads: int | None = None,
        numerics: dict[str, object] | None = None,
    ) -> dict[str, object]:
        """Everything needed to make the result again. Durations in seconds, memory in GiB.

        Args:
            settings: what decided the result, as `Step.origin` gives it.
            sources: fingerprints of the code that made it, by file.
            made_of: identities of the files that were read, as `lineage.made_of` gives them.
            threads: CPU threads of the work, if processes of its own did it; else those of this process.
            numerics: `environment.numerics` of the processes that did the work; else of this process.
        """
        return {
            "command": command(),
            "config_digest": config_digest,
            "source_digest": source_digest,
            "settings": settings,
            "sources": sources,
            "made_of": made_of,
            **self._revision,
            "versions": environment.versions(),
            "packages": environment.packages(),
            "hardware": environment.hardware(),
            "device": device,
            "threads": threads or environment.threads(),
            "numerics": environment.numerics() if numerics is None else numerics,
            "allocator": environment.allocator(),
            "seed": seed,
            "started": self.started.isoformat(timespec="seconds"),
            "load_average": self._load,
            "duration_s": round(time.perf_counter() - self._start, 3),
        }
