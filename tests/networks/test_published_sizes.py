"""Parameter counts of Table 2, to the last parameter, and its printed K."""

import pytest

import hitsr

PARAMETERS = {
    "SwinIR-Light": (910152, 918267, 929628),
    "ELAN-Light": (620916, 629031, 640392),
    "SwinIR-NG": (1181448, 1189563, 1200924),
    "SRFormer-Light": (853272, 861387, 872748),
    "HiT-SIR": (772064, 780179, 791540),
    "HiT-SNG": (1012584, 1020699, 1032060),
    "HiT-SRF": (846944, 855059, 866420),
}


@pytest.mark.parametrize("name", hitsr.methods())
def test_parameters(name):
    from hitsr.analysis.published import printed

    for scale, expected in zip((2, 3, 4), PARAMETERS[name], strict=True):
        count = sum(p.numel() for p in hitsr.build(name, scale).parameters())
        assert count == expected
        assert round(count / 1000) == printed(name, scale, "params_k")


def test_frozen_parameters_of_elan():
    model = hitsr.build("ELAN-Light", 2)
    assert sum(p.numel() for p in model.parameters() if not p.requires_grad) == 38904
