"""The methods that figures set side by side, in the order of the tables, and which of them belong together."""


def networks(config: dict) -> list[str]:
    """Methods of the run that are networks, not interpolations; variants of ablations have figures of their own."""
    return [name for name, entry in config["methods"].items() if entry["network"]]


def families(config: dict) -> list[list[str]]:
    """Networks grouped with what converts them, such as `[SwinIR-Light, HiT-SIR]`; others stand alone."""
    names = networks(config)
    groups: dict[str, list[str]] = {}
    for name in names:
        base = config["methods"][name]["converts"]
        while base in names and config["methods"][base]["converts"] in names:
            base = config["methods"][base]["converts"]
        groups.setdefault(base if base in names else name, []).append(name)
    return [sorted(group, key=lambda name: name != base) for base, group in groups.items()]
