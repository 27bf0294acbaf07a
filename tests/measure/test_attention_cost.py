"""Operators: counted multiply-adds against the closed forms, both implementations, exponents, memory."""

import pytest
import torch

from hitsr.measure.attention_cost.operators import OPERATORS, build
from hitsr.measure.attention_cost.run import Setting, measure, peaks
from hitsr.measure.count.counters import by_fvcore

SETTING = Setting(dim=24, heads=2, map=32, warm_up=0, repeats=2, threads=1, device="cpu")


def features(operator, seed=0):
    return torch.rand(1, 32, 32, operator.channels, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("window", [4, 8, 16, 32])
def test_both_implementations_are_the_same(name, window):
    operator = build(name, SETTING.dim, SETTING.heads, window, "reference")
    for parameter in operator.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    x = features(operator)
    with torch.no_grad():
        plain = operator(x)
        operator.implementation = "optimized"
        fast = operator(x)
    if name == "S-SC":  # its optimized implementation keeps the tokens of a window cell by cell
        plain, fast = plain.sort(dim=1).values, fast.sort(dim=1).values
    torch.testing.assert_close(fast, plain, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("window", [4, 8, 16, 32])
def test_counted_is_the_closed_form(name, window):
    operator = build(name, SETTING.dim, SETTING.heads, window, "reference")
    with torch.no_grad():
        counted, _ = by_fvcore(operator, features(operator))
    windows, tokens = (32 // window) ** 2, window**2
    expected = windows * operator.macs(tokens, SETTING.dim)
    if name == "S-SC":
        hidden = SETTING.dim // 16
        offsets = (2 * window - 1) ** 2
        # the position network: linear layers, and 5 per element of its three norms
        expected += offsets * (2 * hidden + 2 * hidden**2 + hidden * SETTING.heads + 3 * 5 * hidden)
        expected += windows * tokens * SETTING.dim / 2  # pooling: one product per token and value channel
    assert counted.macs == expected


def test_rows_and_how_they_grow():
    rows, rounds = measure([8, 16], SETTING)
    values = {(r["method"], r["input"], r["implementation"], r["quantity"]): r["value"] for r in rows}
    for name, factor in (("W-SA", 16), ("PSA", 16), ("C-SC", 4)):
        small, large = (values[name, f"{w}x{w}", "reference", "operator_macs"] for w in (8, 16))
        assert large == factor * small
    times = [value for (_, _, _, quantity), value in values.items() if quantity == "operator_latency"]
    assert len(times) == 2 * 4 * 2 and min(times) > 0
    assert ("W-SA", "8x8", "optimized", "operator_macs") not in values, (
        "multiply-adds are those of the reference implementation"
    )


def test_memory_of_the_attention_map():
    """W-SA writes a map of L^2 entries per head and window."""
    setting = Setting(dim=24, heads=6, map=32, warm_up=0, repeats=1, threads=1, device="cpu")
    entries = 6 * 1024**2 * 4 / 2**20
    found = peaks([("W-SA", 32, "reference"), ("C-SC", 32, "reference")], setting)
    assert found["W-SA", 32, "reference"] >= entries > found["C-SC", 32, "reference"]
