# What all rules share: the validated configuration, the layout of results, and the inputs of each step.
import sys
from pathlib import Path

from hitsr.results import dependencies
from hitsr.configuration.ablations import all_methods, scales_of
from hitsr.atomic import write_json
from hitsr.configuration import (
    attributed,
    costed,
    measured_kinds,
    of_workflow,
    resolve,
    stated,
    starts_from_x2,
    trained,
    used_sets,
)
from hitsr.errors import HitsrError
from hitsr.report import contents

try:
    config = stated(of_workflow(workflow))
    RUN = resolve(config)
except HitsrError as error:
    sys.exit(f"error: {error}")

# rules call `hitsr` of this environment, whether or not it is activated
shell.prefix(f"set -euo pipefail; export PATH='{Path(sys.executable).parent}':$PATH; ")

RESULTS = f"results/{RUN['run']}"
REPORTS = f"reports/{RUN['run']}"
CONFIG = f"{RESULTS}/config.json"
METHODS = all_methods(RUN)
TABLES, FIGURES = contents.tables(RUN), contents.figures(RUN)
NETWORKS = [name for name, entry in METHODS.items() if entry["network"]]


wildcard_constraints:
    method="[A-Za-z0-9][A-Za-z0-9_.+=-]*",
    scale="[234]",
    seed=r"\d+",
    part="HR|x[234]",


onstart:
    write_json(CONFIG, config)


def digests_of_dataset(wildcards):
    return dependencies.of_dataset(RUN, wildcards.dataset, int(wildcards.scale))


def digests_of_source(wildcards):
    return dependencies.of_source(RUN, wildcards.dataset)


def digests_of_packed(wildcards):
    return dependencies.of_packed(RUN, wildcards.dataset)


def digests_of_training(wildcards):
    return dependencies.of_training(
        RUN, wildcards.method, int(wildcards.scale), int(wildcards.seed)
    )


def digests_of_images(wildcards):
    return dependencies.of_images(RUN, wildcards.method, int(wildcards.scale))


def digests_of_complexity(wildcards):
    return dependencies.of_complexity(RUN, wildcards.method, int(wildcards.scale))


def digests_of_latency(wildcards):
    return dependencies.of_latency(RUN, int(wildcards.scale))


def digests_of_growth(wildcards):
    return dependencies.of_growth(RUN, int(wildcards.scale))


def digests_of_attribution(wildcards):
    return dependencies.of_attribution(RUN, wildcards.method, int(wildcards.scale))


def source_of_dataset(wildcards):
    """A newer list of where the images lie does not mean newer images."""
    if "public" not in RUN["datasets"][wildcards.dataset]:
        return []
    return [ancient(f"{RESULTS}/data/{wildcards.dataset}/source.json")]


def all_data(wildcards):
    return [
        f"{RESULTS}/data/{name}/x{RUN['scales'][0]}.json" for name in used_sets(RUN)
    ]


def list_of_packed(wildcards):
    """The list of images of the scale; high-resolution images are the same for all."""
    scale = f"x{RUN['scales'][0]}" if wildcards.part == "HR" else wildcards.part
    return f"{RESULTS}/data/{wildcards.dataset}/{scale}.json"


def training_data(wildcards):
    sets = [RUN["training_set"], RUN["validation_set"]]
    scale = f"x{wildcards.scale}"
    packed = [
        f"{RESULTS}/data/{RUN['training_set']}/packed/{part}.npy"
        for part in ("HR", scale)
    ]
    return [f"{RESULTS}/data/{name}/{scale}.json" for name in sets if name] + packed


def start_weights(wildcards):
    """x3 and x4 start from the x2 weights of the same method and seed, where the run has them."""
    if not starts_from_x2(RUN, wildcards.method, int(wildcards.scale)):
        return []
    return [
        f"{RESULTS}/train/{wildcards.method}/x2/seed{wildcards.seed}/weights.safetensors"
    ]


def weights(wildcards):
    """Given weights, trained weights, or none for an interpolation."""
    entry = METHODS[wildcards.method]
    if entry["network"] is None:
        return []
    trained_weights = f"{RESULTS}/train/{wildcards.method}/x{wildcards.scale}/seed{wildcards.seed}/weights.safetensors"
    return [entry["weights"].get(wildcards.scale, trained_weights)]


def test_data(wildcards):
    return [
        f"{RESULTS}/data/{name}/x{wildcards.scale}.json" for name in RUN["test_sets"]
    ]


def seeds_of(method):
    """A method that is not trained has one result whatever the seed."""
    return RUN["seeds"] if method in trained(RUN) else RUN["seeds"][:1]


def results_of(kind):
    """Measurement files of one kind of the whole run."""
    if kind == "quality":
        return [
            f"{RESULTS}/quality/{m}/x{s}/seed{k}.json"
            for m in METHODS
            for s in scales_of(RUN, m)
            for k in seeds_of(m)
        ]
    if kind == "training":
        return [
            f"{RESULTS}/train/{m}/x{s}/seed{k}/history.json"
            for m in trained(RUN)
            for s in scales_of(RUN, m)
            for k in seeds_of(m)
        ]
    if kind == "complexity":
        return [
            f"{RESULTS}/complexity/{m}/x{s}.json"
            for m in costed(RUN)
            for s in scales_of(RUN, m)
        ]
    if kind in ("operators", "leaks"):
        return [f"{RESULTS}/{kind}.json"]
    if kind == "attribution":
        return [
            f"{RESULTS}/attribution/{m}/x{s}/seed{k}/attribution.json"
            for m in attributed(RUN)
            for s in RUN["scales"]
            for k in seeds_of(m)
        ]
    return [f"{RESULTS}/{kind}/x{s}.json" for s in RUN["scales"] if NETWORKS]


def all_results(wildcards):
    return [path for kind in measured_kinds(RUN) for path in results_of(kind)]


def all_tables(wildcards):
    return [f"{REPORTS}/tables/{name}.md" for name in RUN["report"]["tables"]]


def crops_of_figure(wildcards):
    return [f"{REPORTS}/crops.json"] if FIGURES[wildcards.name].crops else []


def crops_of_page(wildcards):
    return [f"{REPORTS}/crops.json"] if RUN["test_sets"] else []


def all_figures(wildcards):
    return [f"{REPORTS}/figures/{name}.svg" for name in RUN["report"]["figures"]]


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
    return rules.collect.output[0]


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


def launcher_of_training(wildcards):
    """Several processes of one training are started by torchrun."""
    processes = METHODS[wildcards.method]["train"]["processes"]
    if processes == 1:
        return "hitsr"
    return f"torchrun --standalone --nproc-per-node {processes} -m hitsr"


def alone(threads):
    """Threads of a timing: all cores of the machine that the workflow runs on, so that nothing runs beside it.

    On a cluster, what the timing itself computes with: profiles/slurm gives it a node of its own.
    """
    on_cluster = workflow.remote_exec or workflow.resource_settings.cores is None
    return threads if on_cluster else workflow.cores


def gpus(settings, count=1):
    """GPUs that a scheduler reserves: none where the configuration says `device: cpu`."""
    return 0 if settings["device"] == "cpu" else count


def gpus_of_training(wildcards):
    train = METHODS[wildcards.method]["train"]
    return gpus(train, train["processes"])


def memory_of_training(wildcards):
    """MB of the machine's memory, not of its GPUs, for as many processes."""
    return 8000 * METHODS[wildcards.method]["train"]["processes"]


def gpus_of_restoring(wildcards):
    return gpus(RUN["restore"]) if METHODS[wildcards.method]["network"] else 0
