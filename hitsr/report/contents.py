"""What a report can show: the title, caption and origin in the paper of every table and figure, by name.

The one place for them: the page, `hitsr list` and the workflow's captions read them here. What draws a table or a
figure of that name is in `hitsr.report.tables` or `hitsr.report.figures`. Nothing heavy is imported.
"""

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """How a table or figure is called.

    Attributes:
        title: its heading.
        about: what it shows, in a sentence or two; the caption of a figure.
        paper: the table or figure of the paper that it makes again, if there is one.
        photographic: a figure of photographs, smaller as PNG than as SVG.
    """

    title: str
    about: str
    paper: str = ""
    photographic: bool = False


TABLES = {
    "main": Entry("Quality and size", "Parameters, multiply-adds, PSNR and SSIM of every method.", "Table 2"),
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
    "comparison": Entry(
        "Official weights against the printed figures",
        "PSNR and SSIM of given weights, measured and printed.",
        "Table 2",
    ),
}

FIGURES = {
    "cost": Entry(
        "Parameters, multiply-adds and latency", "Bars of parameters, multiply-adds and latency of every network."
    ),
    "tradeoff": Entry(
        "Quality against cost",
        "PSNR of the first test set against multiply-adds and latency. A line joins a network to the HiT network that "
        "converts it (black edge).",
    ),
    "training": Entry("Training", "Loss as logged (thin) and smoothed, and PSNR on the validation set."),
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
}


def command(config_file: str | None, path: str) -> str:
    """The command that makes one file of a report; `config_file` is None for the default configuration."""
    given = f"--configfile {shlex.quote(config_file)} -- " if config_file else ""
    return f"snakemake --cores 1 {given}{path}"
