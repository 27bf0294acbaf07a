# What all rules share: the checked configuration, where files lie, and what each step is given.
import atexit
import gc
import inspect
import os
import shlex
import sys

import snakemake.io

from hitsr.atomic import write_json
from hitsr.configuration import measured_kinds, of_workflow, resolve, stated, used_sets
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.starting import check_once, find_this_environment
from hitsr.configuration.steps import Steps, files_of
from hitsr.errors import HitsrError, ResultError
from hitsr.planning import watch, why
from hitsr.report import contents
from hitsr.results import collecting, copied, locks
from hitsr.results.layout import Layout
from hitsr.results.records import read_json
from hitsr.results.settings import Given

# A graph of thousands of jobs is all kept: looking through it for garbage as often as Python does takes a fifth of the time.
gc.set_threshold(50_000, 20, 100)

# Jobs on other machines read the Snakefile again: with the configuration that the workflow was started with.
PLANNED = "HITSR_CONFIGURATION"
try:
    if not workflow.is_main_process and PLANNED in os.environ:
        config = read_json(os.environ[PLANNED])
    else:
        config = of_workflow(workflow)
    RUN = resolve(config)
except HitsrError as error:
    sys.exit(f"error: {error}")

LAYOUT = Layout(RUN["run"])
STEPS = Steps(RUN)
GIVEN = Given(LAYOUT.settings, started=not workflow.is_main_process)
METHODS = all_methods(RUN)
TABLES, FIGURES = contents.tables(RUN), contents.figures(RUN)

find_this_environment()

# `hitsr` of the environment that runs Snakemake, whether or not it is activated and whatever its folder is called
PYTHON = f"exec {shlex.quote(sys.executable)} -P -m"
PREFIX = f'set -euo pipefail; hitsr() {{ {PYTHON} hitsr "$@"; }}; '
# what jobs say goes to their logs alone, unless all is asked for
QUIET = watch.quiet(workflow.output_settings)
if QUIET:
    PREFIX += 'tee() { command tee "$@" > /dev/null; }; '
shell.prefix(PREFIX.replace("{", "{{").replace("}", "}}"))

# names of files, by what tells the jobs of a rule apart
METHOD = {"method": "{method}", "scale": "{scale}"}
RESULT = {**METHOD, "seed": "{seed}"}
SCORED = {**RESULT, "dataset": "{dataset}"}


wildcard_constraints:
    method="[A-Za-z0-9][A-Za-z0-9_.+=-]*",
    dataset="[A-Za-z0-9_.-]+",
    scale="[234]",
    seed=r"\d+",
    part="HR|x[234]",
    name="[A-Za-z0-9_.-]+",


# planned while another workflow worked on the run, a workflow would do its work once more
HELD = workflow.is_main_process and locks.is_held(LAYOUT)

# files that were copied have the times of the copy, and Snakemake goes by times
if workflow.is_main_process and not HELD:
    copied.settle(LAYOUT)


if "--delete-all-output" in sys.argv:
    logger.info(
        f"`hitsr clean {RUN['run']}` also removes what jobs leave beside their results: images, logs, settings, saved states"
    )


onstart:
    start()


onsuccess:
    end(success=True)


onerror:
    end(success=False)


WATCHING = []
"""What follows this workflow's jobs, if anything does."""


def end(success):
    """Say how the workflow ended."""
    for watching in WATCHING:
        watching.end(success)


def start():
    """Take the run, and write down what its jobs are given."""
    try:
        locks.take(LAYOUT)
        if HELD:
            raise ResultError(
                f"another workflow of run {RUN['run']} ended while this one was planned; start it again"
            )
    except HitsrError as error:
        sys.exit(f"error: {error}")
    atexit.register(locks.give_back, LAYOUT)
    write_json(LAYOUT.config, stated(config))
    os.environ[PLANNED] = str(LAYOUT.config)
    GIVEN.write()
    try:
        check_once(LAYOUT.config, STEPS.made, LAYOUT.checked)
    except HitsrError as error:
        sys.exit(f"error: {error}")
    if QUIET:
        jobs = (job.rule.name for job in workflow.dag.needrun_jobs())
        cores, silent = (
            workflow.resource_settings.cores,
            watch.silent(workflow.output_settings),
        )
        WATCHING.append(watch.Watch(RUN["run"], jobs, cores, silent=silent))
        watch.attach(logger, WATCHING[0])


def signed(function):
    """A function whose parameters Snakemake looks up for each job, with them found once."""
    function.__signature__ = inspect.signature(function)
    return function


def step_of(noun, wildcards):
    """What a job of a step is given; an error is one line, as of the verbs."""
    try:
        return STEPS.make(noun, **dict(wildcards.items()))
    except HitsrError as error:
        sys.exit(f"error: {error}")


def digests(noun, rendered=None):
    """A step is done again when its settings or its code change; of what is `rendered` this says in what."""

    def found(wildcards):
        step = step_of(noun, wildcards)
        if rendered is not None and workflow.is_main_process:
            path = str(rendered).format(**dict(wildcards.items()))
            for line in why.redrawn(step, LAYOUT.settings, remembered(path)):
                tell(f"{line}  [report]")
        return why.parameter(step.digest, step.fingerprint)

    return signed(found)


TOLD = set()


def tell(line):
    """Say once that something changed."""
    if line not in TOLD:
        TOLD.add(line)
        logger.info(f"changed: {line}")


def remembered(path):
    """Parameters that Snakemake remembers a file to be made with; None if it has forgotten."""
    return workflow.persistence.params(snakemake.io.IOFile(str(path)))


def digests_of_collection(wildcards):
    """As `digests`; says why results of the run are made again, and refuses those that would silently be kept."""
    step = step_of("collect", wildcards)
    if workflow.is_main_process and not step.keep_stale:
        outdated = why.outdated(step)
        silent = why.forgotten(step, outdated, remembered)
        if silent:
            sys.exit(f"error: {collecting.refusal(silent)}")
        for line in why.told(outdated):
            tell(line)
    return why.parameter(step.digest, step.fingerprint)


def settings(noun):
    """File with the settings of a step; depending on `threads`, it does not make Snakemake run anything again."""

    def found(wildcards, threads):
        return str(GIVEN.path(step_of(noun, wildcards)))

    return signed(found)


def source_of_dataset(wildcards):
    """A newer list of where the images lie does not mean newer images."""
    entry = RUN["datasets"].get(wildcards.dataset, {})
    return [ancient(LAYOUT.source(wildcards.dataset))] if "public" in entry else []


def all_data(wildcards):
    return [LAYOUT.images(name, RUN["scales"][0]) for name in used_sets(RUN)]


def list_of_packed(wildcards):
    """The list of images of the scale; high-resolution images are the same for all."""
    scale = RUN["scales"][0] if wildcards.part == "HR" else wildcards.part[1:]
    return LAYOUT.images(wildcards.dataset, scale)


def training_data(wildcards):
    step = step_of("train", wildcards)
    sets = [step.training_set, step.validation_set, *step.watched_sets]
    parts = [
        LAYOUT.packed(step.training_set, part) for part in ("HR", f"x{wildcards.scale}")
    ]
    return [LAYOUT.images(name, wildcards.scale) for name in sets if name] + parts


def start_weights(wildcards):
    """x3 and x4 start from the x2 weights of the same method and seed, where the run has them."""
    starts = step_of("train", wildcards).starts_from_x2
    return [LAYOUT.weights(wildcards.method, 2, wildcards.seed)] if starts else []


@signed
def weights(wildcards):
    """Trained weights, or the record of fetched ones; a newer record does not mean newer weights.

    Given ones are no input by name and time: what they hold is among the settings.
    """
    entry = METHODS[wildcards.method]
    if wildcards.scale in entry["published"]:
        return [ancient(LAYOUT.fetched(wildcards.method, wildcards.scale))]
    own = entry["network"] is not None and wildcards.scale not in entry["weights"]
    return (
        [LAYOUT.weights(wildcards.method, wildcards.scale, wildcards.seed)]
        if own
        else []
    )


@signed
def ready_images(wildcards):
    """What a program of its own rule super-resolved."""
    place = LAYOUT.external(wildcards.method, wildcards.scale, wildcards.dataset)
    return [place] if METHODS[wildcards.method]["rules"] else []


def super_resolved(method):
    """Folder that an external program writes its images into, as the output of its rule."""
    return directory(LAYOUT.external(method, "{scale}", "{dataset}"))


def low_resolution(wildcards):
    """Folder of low-resolution images, PNG files, that an external program is given."""
    return LAYOUT.dataset(wildcards.dataset) / "LR" / f"x{wildcards.scale}"


def test_data(wildcards):
    return [LAYOUT.images(name, wildcards.scale) for name in RUN["test_sets"]]


def all_results(wildcards):
    return [path for kind in measured_kinds(RUN) for path in files_of(RUN, kind)]


def all_tables(wildcards):
    return [LAYOUT.table(name) for name in RUN["report"]["tables"]]


def crops_of_figure(wildcards):
    return [LAYOUT.crops] if FIGURES[wildcards.name].crops else []


def crops_of_page(wildcards):
    return [LAYOUT.crops] if RUN["test_sets"] else []


def all_figures(wildcards):
    return [LAYOUT.figure(name) for name in RUN["report"]["figures"]]


def measurements_for_table(wildcards):
    return measurements_for("table", wildcards.name, TABLES)


def measurements_for_figure(wildcards):
    return measurements_for("figure", wildcards.name, FIGURES)


def measurements_for(kind, name, known):
    """The long table, for a table or figure that exists; a misspelt one must not start any work."""
    if name not in known:
        raise WorkflowError(
            f"unknown {kind} {name!r}; there are {', '.join(known)} (see `hitsr list`)"
        )
    return LAYOUT.measurements


def about_table(wildcards):
    return TABLES[wildcards.name].about


def about_figure(wildcards):
    return FIGURES[wildcards.name].about


def labels_of_table(wildcards):
    return {"table": TABLES[wildcards.name].title}


def labels_of_figure(wildcards):
    return {"figure": FIGURES[wildcards.name].title}


def threads_of_training(wildcards):
    train = METHODS[wildcards.method]["train"]
    return train["threads"] * train["processes"]


@signed
def threads_of_restoring(wildcards):
    return RUN["restore"]["threads"] if METHODS[wildcards.method]["network"] else 1


def launcher_of_training(wildcards, threads):
    """Several processes of one training are started by torchrun."""
    processes = METHODS[wildcards.method]["train"]["processes"]
    if processes == 1:
        return "hitsr"
    return f"{PYTHON} torch.distributed.run --standalone --nproc-per-node {processes} -m hitsr"


def alone(threads):
    """Threads of a timing: all cores of the machine that the workflow runs on, so that nothing runs beside it.

    On a cluster, what the timing itself computes with: profiles/slurm gives it a node of its own.
    """
    on_cluster = workflow.remote_exec or workflow.resource_settings.cores is None
    return threads if on_cluster else workflow.cores


def gpus(section, count=1):
    """GPUs that a scheduler reserves: none where the configuration says `device: cpu`."""
    return 0 if section["device"] == "cpu" else count


def gpus_of_training(wildcards):
    train = METHODS[wildcards.method]["train"]
    return gpus(train, train["processes"])


def memory_of_training(wildcards):
    """MB of the machine's memory, not of its GPUs, for as many processes."""
    return 8000 * METHODS[wildcards.method]["train"]["processes"]


@signed
def gpus_of_restoring(wildcards):
    return gpus(RUN["restore"]) if METHODS[wildcards.method]["network"] else 0
