"""Parameters to the last one, frozen ones included; tests/measure/test_complexity.py compares them with Table 2."""

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
    "EDSR-B": (1369883, 1554523, 1517595),
    "CARN": (1591963, 1591963, 1591963),
    "IMDN": (694404, 703059, 715176),
    "RFDN-L": (625962, 632997, 642846),
    "LatticeNet": (756196, 764851, 776968),
    "FMEN": (748656, 757311, 769428),
    "HNCT": (356612, 363377, 372848),
    "Omni-SR": (784604, 793259, 805376),
    "SRPN-Lite": (609066, 615156, 623682),
}
FROZEN = {"ELAN-Light": 38904, "EDSR-B": 24, "CARN": 24, "SRPN-Lite": 24}


@pytest.mark.parametrize("name", hitsr.list_networks())
def test_parameters(name):
    for scale, expected in zip((2, 3, 4), PARAMETERS[name], strict=True):
        model = hitsr.build(name, scale)
        assert sum(p.numel() for p in model.parameters()) == expected
        assert sum(p.numel() for p in model.parameters() if not p.requires_grad) == FROZEN.get(name, 0)
