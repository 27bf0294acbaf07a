"""A small run with a control and an ablation."""

OPTIONS = {"dim": 16, "depths": [2], "heads": 2}
RAW = {
    "run": "planned",
    "scales": [2, 3],
    "seeds": [0, 1],
    "methods": {
        "Bicubic": {},
        "SwinIR-Light": {"options": OPTIONS, "train": {"fine_tuning": {"iterations": 500}}},
        "SwinIR-Light+recipe=hit": {"extends": "SwinIR-Light", "train": {"fine_tuning": {}}},
        "HiT-SIR": {"options": {**OPTIONS, "window_ratios": [0.5, 1]}},
    },
    "ablations": {"windows": {"variants": {"fixed8": {"options": {"window_ratios": [1, 1]}}}}},
    "datasets": {
        "a": {"photographs": ["coffee"]},
        "b": {"photographs": ["chelsea"]},
        "Urban100": {"folder": "nowhere"},
    },
    "training_set": "a",
    "test_sets": ["b"],
    "train": {"iterations": 1000, "batch_size": 8, "patch_size": 16},
}
