"""Metrics against closed forms, other implementations and BasicSR's figures; and what a file of a metric declares."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from scipy.ndimage import correlate1d

from hitsr.configuration import resolve
from hitsr.data.degradation import downscale, upscale_bicubic
from hitsr.data.images import read_rgb, write_png
from hitsr.data.prepare import prepare
from hitsr.errors import ConfigError, ImageError
from hitsr.measure import score
from hitsr.measure.metrics import Metric, chosen, compute_of, declared_metrics
from hitsr.measure.quality import comparable, inner, luma, psnr_y
from hitsr.measure.similarity import _terms, ms_ssim
from hitsr.restore.run import interpolation
from hitsr.restore.run import run as restore
from hitsr.results.records import read_record

SHIPPED = ("psnr", "ssim", "psnr-rounded-y", "ssim-rounded-y", "psnr-rgb", "ssim-rgb", "ms-ssim", "lpips", "dists")
RAW = {"report": {"tables": [], "figures": []}}
MAE = '''
"""Mean absolute error: what docs/extending.md shows."""
import numpy as np

from hitsr.measure.metrics import Metric

METRIC = Metric(name="mae", title="MAE", digits=3, protocol="rgb", higher_is_better=False, about="Mean error.")


def compute(restored, reference, scale):
    return float(np.abs(restored.astype(float) - reference).mean())
'''


def measured(name: str, restored: np.ndarray, reference: np.ndarray, scale: int) -> float:
    return compute_of(declared_metrics()[name])(restored, comparable(restored, reference, scale), scale)


def gray(value: int, size: int = 32) -> np.ndarray:
    return np.full((size, size, 3), value, np.uint8)


def test_psnr_in_closed_form():
    expected = 20 * math.log10(255 / (10 * 219 / 255))
    assert measured("psnr", gray(110), gray(100), 2) == pytest.approx(expected, abs=1e-5)
    assert measured("psnr-rgb", gray(110), gray(100), 2) == pytest.approx(20 * math.log10(25.5), abs=1e-9)
    # 9 grey levels are 7.73 levels of Y: from 23.7 to 31.5, rounded from 24 to 31 or 32
    rounded = measured("psnr-rounded-y", gray(18), gray(9), 2)
    assert rounded == pytest.approx(20 * math.log10(255 / 7)) or rounded == pytest.approx(20 * math.log10(255 / 8))


def test_equal_images_are_infinite_and_no_finite_value_is_cut(random):
    image = random.integers(1, 255, (2000, 2000, 3), dtype=np.uint8)
    other = image.copy()
    other[1000, 1000, 2] += 1
    for name in ("psnr", "psnr-rounded-y", "psnr-rgb"):
        assert math.isinf(measured(name, image, image, 2))
    # one step of blue in four million pixels
    error = (24.966 / 255) ** 2 / 1996**2
    assert measured("psnr", other, image, 2) == pytest.approx(10 * math.log10(255**2 / error), abs=1e-3)
    assert measured("psnr", other, image, 2) > 130
    assert measured("ssim", image[:64, :64], image[:64, :64], 2) == 1


def test_luma_range():
    assert luma(gray(0))[0, 0] == pytest.approx(16, abs=1e-5)
    assert luma(gray(255))[0, 0] == pytest.approx(235, abs=1e-4)


def test_border_is_not_scored(random):
    image = random.integers(0, 256, (42, 42, 3), dtype=np.uint8)
    other = image.copy()
    other[:3] = other[:, -3:] = 0
    for name in ("psnr", "psnr-rounded-y", "psnr-rgb"):
        assert math.isinf(measured(name, other, image, 3)) and measured(name, other, image, 2) < 40


def gaussian_mean(z: np.ndarray) -> np.ndarray:
    window = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window /= window.sum()
    return correlate1d(correlate1d(z, window, axis=0), window, axis=1)[5:-5, 5:-5]


@pytest.mark.parametrize(
    ("name", "channels"),
    [("ssim", lambda i: [luma(i)]), ("ssim-rounded-y", lambda i: [np.round(luma(i))]),
     ("ssim-rgb", lambda i: list(np.moveaxis(i.astype(float), 2, 0)))],
)  # fmt: skip
def test_ssim_by_its_formula(random, name, channels):
    """Gaussian 11x11, sigma 1.5, valid windows only, K = (0.01, 0.03)."""
    a, b = random.integers(0, 256, (2, 40, 38, 3), dtype=np.uint8)
    found = []
    for x, y in zip(channels(a[2:-2, 2:-2]), channels(b[2:-2, 2:-2]), strict=True):
        mx, my = gaussian_mean(x), gaussian_mean(y)
        vx, vy = gaussian_mean(x * x) - mx**2, gaussian_mean(y * y) - my**2
        vxy = gaussian_mean(x * y) - mx * my
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        found.append((((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean())
    assert measured(name, a, b, 2) == pytest.approx(np.mean(found), abs=1e-9)


@pytest.mark.parametrize(
    ("noise", "expected"), [(2, 0.9983716056104914), (10, 0.9668199916785467), (40, 0.7494604855981889)]
)
def test_ms_ssim_is_that_of_another_program(noise, expected):
    """Figures of pytorch-msssim 1.0.0 in float64, whose window is in float32; all scales have even sides."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:208, :176]
    a = 128 + 60 * np.sin(x / 9) + 40 * np.cos(y / 13) + random.normal(0, 6, (208, 176))
    noises = {sd: random.normal(0, sd, a.shape) for sd in (2, 10, 40)}
    assert ms_ssim(a, a + noises[noise] + 5) == pytest.approx(expected, abs=2e-6)


def test_ms_ssim_of_one_scale_is_ssim(random):
    a, b = random.integers(0, 256, (2, 60, 60, 3), dtype=np.uint8)
    luminance, structure = _terms(luma(inner(a, 2)), luma(inner(b, 2)))
    assert measured("ssim", a, b, 2) == pytest.approx((luminance * structure).mean(), abs=1e-9)
    big = np.kron(a, np.ones((4, 4, 1), np.uint8))
    assert measured("ms-ssim", big, big, 2) == pytest.approx(1)
    with pytest.raises(ImageError, match="56x56 pixels inside the border are too few for MS-SSIM, which needs 176"):
        measured("ms-ssim", a, b, 2)


def test_sizes():
    with pytest.raises(ImageError, match="another scale"):
        psnr_y(gray(1, 32), gray(1, 48), 2)
    with pytest.raises(ImageError, match="scoring at x"):
        psnr_y(gray(1, 12), gray(1, 12), 2)
    assert math.isinf(psnr_y(gray(1, 32), gray(1, 33), 2))


NAMES_OF_BASICSR = {"psnr": "psnr_y", "ssim": "ssim_y", "psnr-rgb": "psnr_rgb", "ssim-rgb": "ssim_rgb"}


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_scores_of_basicsr(shared, scale):
    folder = shared / "golden"
    expected = json.loads((folder / "metrics_golden.json").read_text())["synthetic"]["crop"][str(scale)]
    images = [read_rgb(folder / "metrics_png" / "synthetic" / f"{name}.png") for name in ("sr", "hr")]
    for name, theirs in NAMES_OF_BASICSR.items():
        assert measured(name, *images, scale) == pytest.approx(expected[theirs], abs=1e-8), name


@pytest.mark.parametrize(
    ("scale", "psnr", "ssim"), [(2, 33.6780, 0.93042), (3, 30.4043, 0.86895), (4, 28.4305, 0.81126)]
)
def test_bicubic_row_of_set5(shared, scale, psnr, ssim):
    """BasicSR's row interpolates in float; ours rounds between the passes as MATLAB does on uint8: 0.005 dB less."""
    folder = shared / "golden"
    images = [read_rgb(path) for path in sorted((folder / "metrics_png" / "HR").glob("*.png"))]
    pairs = [(upscale_bicubic(downscale(image, scale), scale), image) for image in images]
    found = {name: np.mean([measured(name, *pair, scale) for pair in pairs]) for name in SHIPPED[:4]}
    assert found["psnr"] == pytest.approx(psnr, abs=0.006)
    assert found["ssim"] == pytest.approx(ssim, abs=2e-4)
    protocols = json.loads((folder / "metrics_protocols.json").read_text())["protocols"]
    for variant, names in (("Yround", SHIPPED[2:4]), ("Yfloat", SHIPPED[:2])):
        expected = protocols[f"x{scale}_RGB_matlab_u8mid_up_{variant}"]
        assert [found[name] for name in names] == pytest.approx(expected, abs=1e-4)


def test_what_files_declare():
    known = declared_metrics()
    assert set(known) == set(SHIPPED)
    for name, found in known.items():
        assert found.file.stem == name.replace("-", "_"), "a file is called as its metric"
        assert found.declaration.title and found.declaration.about.endswith(".")
    assert [m.name for m in chosen(resolve(RAW))] == ["psnr", "ssim"]
    assert (known["lpips"].declaration.header, known["lpips"].declaration.sign) == ("LPIPS ↓", -1)
    assert known["psnr"].declaration.in_unit == "PSNR (dB)"


def test_declarations_import_nothing_heavy():
    code = (
        "import sys; from hitsr.measure.metrics import declared_metrics; declared_metrics();"
        "print([m for m in ('torch', 'numpy', 'scipy', 'skimage', 'pandas', 'pyiqa') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_metric_without_its_package_is_refused_at_once(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"metric 'lpips' needs the package pyiqa: pip install 'hitsr\[perceptual\]'"):
        resolve({**RAW, "metrics": ["psnr", "lpips"]})
    with pytest.raises(ConfigError, match=r"config.metrics.1: unknown metric 'pnsr'; did you mean 'psnr'"):
        resolve({**RAW, "metrics": ["ssim", "pnsr"]})


def test_learned_metrics_prefer_the_original(shared):
    pytest.importorskip("pyiqa", reason="pyiqa is not installed")
    image = read_rgb(next((shared / "golden" / "metrics_png" / "HR").glob("butterfly*")))
    blurred = upscale_bicubic(downscale(image, 4), 4)
    for name in ("lpips", "dists"):
        assert measured(name, image, image, 2) == pytest.approx(0, abs=1e-5) < measured(name, blurred, image, 2)


def test_a_metric_is_one_file_and_the_score_step_computes_it(tmp_path, monkeypatch, random):
    """A metric of a plug-in folder, infinite scores, and what the record holds of each."""
    monkeypatch.chdir(tmp_path)
    plugin = tmp_path / "plugin"
    (plugin / "metrics").mkdir(parents=True)
    (plugin / "metrics" / "mae.py").write_text(MAE)
    config = resolve({**RAW, "plugins": [str(plugin)], "metrics": ["mae", "psnr"]})
    assert [metric.name for metric in chosen(config)] == ["mae", "psnr"]
    write_png(Path("photos/flat.png"), np.full((40, 40, 3), 77, np.uint8))
    write_png(Path("photos/noise.png"), random.integers(0, 256, (40, 40, 3), dtype=np.uint8))
    prepare({"folder": "photos"}, "set", 2, Path("data/set"))
    digests = {"config_digest": "c", "source_digest": "s"}
    who = {"method": "Bicubic", "scale": 2, "seed": 0, "dataset": "set"}
    restore(interpolation("bicubic", 2), who, Path("data"), Path("made"), digests)
    score.run(Path("made/set.json"), Path("data"), Path("q.json"), digests, ("mae", "psnr"), (str(plugin),))
    rows = {(row["image"], row["quantity"]): row for row in read_record(Path("q.json"))["rows"]}
    assert len(rows) == 4 and rows["noise", "mae"]["protocol"] == "rgb"
    assert rows["flat", "psnr"]["value"] == "inf" and rows["flat", "mae"]["value"] == 0
    assert 5 < rows["noise", "psnr"]["value"] < 20 and rows["noise", "psnr"]["unit"] == "dB"
    (plugin / "metrics" / "again.py").write_text(MAE.replace('"mae"', '"psnr"'))
    with pytest.raises(ConfigError, match=r"again.py: .*metrics/psnr.py has the name 'psnr' too; rename it"):
        resolve({**RAW, "plugins": [str(plugin)], "metrics": ["psnr"], "run": "other"})
    assert isinstance(declared_metrics()["psnr"].declaration, Metric)
