"""A worker process from outside: started, asked, watched, ended. Nothing here imports torch."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

import psutil

from hitsr.errors import ResultError
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.results.fingerprints import ROOT

WORKER = "hitsr.measure.time.worker"
STILL = 600.0
"""Seconds without any use of a processor after which a worker hangs: nothing that is timed waits so long."""
TICK = 1.0
"""Seconds between looks at a worker that has not answered."""
KEPT = 2**14
"""Bytes of what a worker prints that are kept: the last ones."""


class WorkerError(ResultError):
    """A worker could not do what it was asked.

    Attributes:
        contestant: which one.
        kind: "memory" ran out, the back-end is "unavailable", an "error" in the network; the process was "killed" or
            is "lost".
        reason: one line.
    """

    def __init__(self, contestant: Contestant, kind: str, reason: str, doing: str = ""):
        super().__init__(f"{contestant}: {doing}: {reason}" if doing else f"{contestant}: {reason}")
        self.contestant, self.kind, self.reason = contestant, kind, reason


@dataclass(frozen=True)
class Weighed:
    """What one pass takes.

    Attributes:
        peak: MiB beyond what the process had before; None where it cannot be told.
        facts: of preparing it in its back-end.
        room: MiB that are left on the GPU that it computes on; None on a CPU.
    """

    peak: float | None
    facts: dict
    room: float | None


class Worker:
    """A process that holds one network.

    Attributes:
        implementation: the one that the network has: "reference" where there are no optimized layers.
        device: that it computes on.
        numerics: number formats, flags and allocator that it computes with.
    """

    def __init__(self, contestant: Contestant, setting: Setting):
        self.contestant, self.setting = contestant, setting
        # a question goes from the first pipe's end to its beginning, an answer through the second
        asked, self._questions = os.pipe()
        self._answers, said = os.pipe()
        # the source that this process runs, whatever lies in the present folder
        command = [sys.executable, "-P", "-m", WORKER, *map(str, (os.getpid(), asked, said))]
        path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(asked, said),
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        )
        assert self._process.stdout is not None
        self._printed = self._process.stdout
        os.close(asked)
        os.close(said)
        self._closed = False
        self._rest = b""
        self._words = bytearray()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def build(self) -> None:
        """Make the network.

        Raises:
            WorkerError: it cannot be built, or the process is lost.
        """
        answer = self._ask("building", "build", asdict(self.contestant), asdict(self.setting))
        self.implementation: str = answer["implementation"]
        self.device: str = answer["device"]
        self.numerics: dict = answer["numerics"]

    def memory(self, size: tuple[int, int]) -> Weighed:
        """What one pass takes at this width and height, set up if it is not yet.

        Raises:
            WorkerError: it failed.
        """
        return Weighed(**self._ask(f"memory at {size[0]}x{size[1]}", "memory", size))

    def time(self, size: tuple[int, int]) -> float:
        """Milliseconds of one pass at this width and height.

        Raises:
            WorkerError: it failed.
        """
        return self._ask(f"time at {size[0]}x{size[1]}", "time", size)

    def close(self) -> None:
        """End the process and all that it has started."""
        if self._closed:
            return
        self._closed = True
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._listener.join(timeout=TICK)
        if not self._listener.is_alive():
            self._printed.close()
        for descriptor in (self._questions, self._answers):
            os.close(descriptor)

    def _ask(self, doing: str, question: str, *arguments: object):
        with suppress(BrokenPipeError):
            os.write(self._questions, (json.dumps([question, *arguments]) + "\n").encode())
        line = self._line(doing)
        if line is None:
            raise WorkerError(self.contestant, *self._how_it_ended(), doing)
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(self.contestant, answer["kind"], answer["error"], doing)
        return answer["answer"]

    def _line(self, doing: str) -> bytes | None:
        """The next line of the answers; None if the process has ended without one."""
        start = moved = time.monotonic()
        used = 0.0
        while b"\n" not in self._rest:
            if select.select([self._answers], [], [], TICK)[0]:
                part = os.read(self._answers, 2**16)
                if not part:
                    return None
                self._rest += part
                continue
            now = time.monotonic()
            if (seconds := self._processor_time()) != used:
                used, moved = seconds, now
            if now - start > self.setting.timeout:
                remedy = "raise latency.timeout if it is only slow"
                self._give_up(doing, f"no answer within {self.setting.timeout:,.0f} s; {remedy}")
            if now - moved > STILL:
                self._give_up(doing, f"hangs: it has used no processor for {STILL:,.0f} s")
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _processor_time(self) -> float:
        """Seconds that the process and those that it started have computed; as before where it cannot be told."""
        with suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            family = [process, *process.children(recursive=True)]
            return sum(sum(one.cpu_times()[:4]) for one in family)
        return 0.0

    def _give_up(self, doing: str, reason: str) -> None:
        """Have the process say where it is, and raise."""
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGUSR1)
        time.sleep(min(TICK, 0.5))
        last = self._last_words()
        raise WorkerError(self.contestant, "lost", f"{reason}{f' (it was at: {last})' if last else ''}", doing)

    def _how_it_ended(self) -> tuple[str, str]:
        """Kind and reason."""
        code = self._process.wait()
        self._listener.join(timeout=TICK)
        last = self._last_words()
        if code == -signal.SIGKILL:
            how = "the process was killed, perhaps for want of memory"
        elif code < 0:
            how = f"the process was ended by {signal.Signals(-code).name}"
        else:
            how = f"the process ended with status {code}"
        kind = "killed" if code == -signal.SIGKILL else "lost"
        return kind, f"{how}; its last words: {last}" if last else how

    def _listen(self) -> None:
        """Keep the end of what the process prints, so that it never waits for a reader."""
        with suppress(OSError, ValueError):
            while part := os.read(self._printed.fileno(), 2**16):
                self._words += part
                del self._words[:-KEPT]

    def _last_words(self) -> str:
        """The last line that was printed, or where the process was if it dumped its stack."""
        text = bytes(self._words).decode(errors="replace")
        return where_in(text) or next((line.strip()[-300:] for line in reversed(text.splitlines()) if line.strip()), "")


def where_in(dump: str) -> str:
    """What a dump of `faulthandler` says: the fatal error, and the innermost line of code that is no library's."""
    _, current, stack = dump.rpartition("Current thread ")
    frames = re.findall(r'^  File "(.+)", line (\d+) in (\S+)', stack, re.MULTILINE)
    if not current or not frames:
        return ""
    own = [frame for frame in frames if not frame[0].startswith((sys.prefix, sys.base_prefix))]
    file, line, function = (own or frames)[0]
    fatal = re.findall(r"^Fatal Python error: (.+)$", dump, re.MULTILINE)
    return f"{fatal[-1]} in {function} ({file}:{line})" if fatal else f"{function} ({file}:{line})"


@contextmanager
def worker(contestant: Contestant, setting: Setting) -> Iterator[Worker]:
    """A `Worker` with its network built, which ends with the block.

    Raises:
        WorkerError: the network cannot be built.
    """
    started = Worker(contestant, setting)
    try:
        started.build()
        yield started
    finally:
        started.close()
