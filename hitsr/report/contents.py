"""What a report can show: the title, caption and origin in the paper of every table and figure, by name.

The one place for them: the page, `hitsr list` and the workflow's captions read them here. What draws a table or a
figure of that name is in `hitsr.report.tables` or `hitsr.report.figures`. Nothing heavy is imported.
"""

import shlex
from dataclasses import dataclass

from hitsr.configuration.ablations import PREFIX


@dataclass(frozen=True)
class Entry:
    """How a table or figure is called.

    Attributes:
        title: its heading.
        about: what it shows, in a sentence or two; the caption of a figure.
        paper: the table or figure of the paper that it makes again, if there is one.
        photographic: a figure of photographs, smaller as PNG than as SVG.
        cites: keys of `hitsr/catalogs/published/references.bib` of the papers whose measures it shows.
    """

    title: str
    about: str
    paper: str = ""
    photographic: bool = False
    cites: tuple[str, ...] = ()


TABLES = {
    "main": Entry(
        "Quality and size",
        "Parameters, multiply-adds, PSNR and SSIM of every method.",
        "Table 2",
        cites=("wang2004ssim",),
    ),
    "efficiency": Entry(
        "Efficiency",
        "Parameters, multiply-adds, latency, peak memory, and the speed-up over the network that a method converts.",
        "efficiency comparison at ×2",
    ),
    "complexity": Entry(
        "Complexity",
        "Parameters and multiply-adds by four counters against the printed ones.",
        "Table 2, #Params, FLOPs",
    ),
    "statistics": Entry(
        "Paired differences",
        "How much each method gains over the network that it converts, as published and under one recipe where the run "
        "has both, with intervals and tests over images.",
        cites=("efron1987bca", "wilcoxon1945ranking", "holm1979multiple"),
    ),
    "attribution": Entry(
        "How much of the image networks use",
        "Diffusion index of local attribution maps and effective receptive field, against the converted network.",
        cites=("gu2021lam", "luo2016erf"),
    ),
    "comparison": Entry(
        "Paper against measured",
        "Printed figures beside measured ones: difference, tolerance, and a verdict under the paper's conditions.",
        "Table 2",
    ),
    "printed": Entry(
        "As printed",
        "Table 2 of the paper as printed; implausible figures are flagged and not ranked.",
        "Table 2",
    ),
    "operators": Entry(
        "Attention and correlation against the window",
        "Multiply-adds, time and memory of one window by operator, and the exponents with which they grow.",
        "Table 1",
    ),
    "leaks": Entry(
        "Photographs in two data sets",
        "Images of training, validation and test sets that are one photograph, by perceptual hash and correlation.",
    ),
}

FIGURES = {
    "cost": Entry(
        "Parameters, multiply-adds and latency",
        "Parameters, multiply-adds and latency of every network beside the network that it converts, with the change. "
        "Lines over the bars of latency reach from the 10 to the 90 percentile.",
        "efficiency comparison",
    ),
    "tradeoff": Entry(
        "Quality against cost",
        "PSNR of the first test set against parameters, multiply-adds and latency. A line joins a network to the HiT "
        "network that converts it (black edge); no network beats those on the Pareto front in both cost and PSNR.",
    ),
    "performance": Entry(
        "Quality by test set",
        "PSNR of every network beside the network that it converts, with the difference (from that network trained by "
        "the same recipe, where the run has it). Where bars start is written "
        "below each panel; lines over the bars reach from the lowest seed to the highest.",
        "performance comparison",
    ),
    "growth": Entry(
        "Latency and memory against the size of the image",
        "Median time and peak memory of one forward pass for inputs of several sizes, published (dotted) and fast "
        "formulation. Both axes are logarithmic; the thin line rises as the number of pixels.",
    ),
    "operators": Entry(
        "Attention and correlation against the window",
        "Multiply-adds, time and memory of one window against its tokens, both axes logarithmic: a steeper line grows "
        "faster. Exponents are fitted to windows of 64 tokens and more.",
        "Table 1",
    ),
    "training": Entry("Training", "Loss as logged (thin) and smoothed, and PSNR on the validation set."),
    "convergence": Entry(
        "Convergence",
        "Validation PSNR of each network and of the HiT network that converts it, against iterations and against the "
        "time of the optimiser's steps: mean over seeds, band from the lowest seed to the highest. The vertical axis "
        "starts at the lowest PSNR after a quarter of the training.",
        "convergence curves",
    ),
    "crops": Entry(
        "Visual comparison",
        "Crops of the test images, enlarged without smoothing. PSNR (Y) of the whole image; best bold. Crops that the "
        "configuration does not give are the windows in which the networks' outputs differ most.",
        "visual comparison",
        photographic=True,
    ),
    "errors": Entry(
        "Error maps",
        "Absolute error of Y of every method in the crops of the visual comparison, on one colour scale.",
        photographic=True,
    ),
    "attribution": Entry(
        "Local attribution maps",
        "Which pixels of the low-resolution crop a patch of the output (box) owes its detail to (Gu and Dong, CVPR "
        "2021): red on a log scale, from 1/1000 of the largest attribution of the map (none) to the largest (dark). A "
        "larger diffusion index says that more pixels matter.",
        "local attribution maps",
        photographic=True,
        cites=("gu2021lam",),
    ),
    "receptive_field": Entry(
        "Effective receptive fields",
        "Absolute gradient of an output pixel with respect to the input, averaged over images and places, and the "
        "square that holds 95 % of it (Luo et al., NeurIPS 2016). Log scale, black from 1/10,000 of the largest down.",
        photographic=True,
        cites=("luo2016erf",),
    ),
}


def tables(config: dict) -> dict[str, Entry]:
    """Tables that a run can show: one per axis of its ablations is added to those of every run."""
    shown = "Cost and quality of the base method and of each variant of it, and the paired difference from the base."
    return {**TABLES, **_ablations(config, shown)}


def figures(config: dict) -> dict[str, Entry]:
    """Figures that a run can show: one per axis of its ablations is added to those of every run."""
    return {**FIGURES, **_ablations(config, "Cost of each variant, and its paired PSNR difference from the base.")}


def _ablations(config: dict, about: str) -> dict[str, Entry]:
    return {
        f"{PREFIX}{name}": Entry(f"Ablation: {axis['title']}", about, "ablation study")
        for name, axis in config["ablations"].items()
    }


def command(config_file: str | None, path: str) -> str:
    """The command that makes one file of a report; `config_file` is None for the default configuration."""
    given = f"--configfile {shlex.quote(config_file)} -- " if config_file else ""
    return f"snakemake --cores 1 {given}{path}"
