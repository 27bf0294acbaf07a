"""Worker process: builds one network, then weighs and times it as it is asked (see `hitsr.measure.time.process`).

Questions and answers are lines of JSON on two pipes of their own; what the network prints goes to standard error. The
process ends when the one that started it does, however that ends.
"""

import ctypes
import faulthandler
import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1


def main(parent: int, questions: int, answers: int) -> None:
    """Answer until no more questions come.

    Args:
        parent: the process that asks.
        questions, answers: file descriptors.
    """
    end_with(parent)
    go_first()
    for descriptor in (questions, answers):
        # a process that the network starts must not keep them open
        os.set_inheritable(descriptor, False)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
    load()
    with open(questions) as asked, open(answers, "w") as said:  # noqa: PTH123 - of descriptors

        def say(answer: dict) -> None:
            print(json.dumps(answer), file=said, flush=True)

        subject = None
        for line in asked:
            question, *arguments = json.loads(line)
            try:
                if question == "build":
                    subject, answer = build(*arguments)
                else:
                    answer = getattr(subject, question)(tuple(arguments[0]))
            except Exception as error:
                from hitsr.measure.outputs import told

                say({"error": told(error), "kind": kind_of(error)})
            else:
                say({"answer": answer})


def build(contestant: dict, setting: dict) -> tuple[object, dict]:
    """The network, and what the process computes with."""
    from hitsr.measure.time.contestants import Contestant, Setting
    from hitsr.measure.time.subject import Subject
    from hitsr.precision import computing_in
    from hitsr.results.environment import numerics

    subject = Subject(Contestant(**contestant), Setting(**setting))
    with computing_in(setting["precision"], subject.device):
        found = {"precision": setting["precision"], "pages_kept": setting["keep_pages"], **numerics()}
    return subject, {"implementation": subject.implementation, "device": str(subject.device), "numerics": found}


def load() -> None:
    """Import what building a network needs, before the first question."""
    with suppress(Exception):
        # what fails here fails again where it can be told
        importlib.import_module("hitsr.measure.time.subject")


def end_with(parent: int) -> None:
    """Let Linux kill this process when its parent ends; at once, if it has."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def go_first() -> None:
    """Where memory runs out nevertheless, let Linux end this process rather than any other."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def kind_of(error: Exception) -> str:
    """Why there is no answer: "memory" ran out, or another "error"."""
    import torch

    words = ("allocate memory", "bad_alloc", "out of memory")
    short = isinstance(error, MemoryError | torch.OutOfMemoryError) or any(word in str(error) for word in words)
    return "memory" if short else "error"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
