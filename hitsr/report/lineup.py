"""The methods that figures set side by side, in the order of the tables, and which of them belong together."""


def compared(config: dict) -> list[str]:
    """Methods that figures compare: all but the variants of an ablation, which have figures of their own."""
    return [name for name, entry in config["methods"].items() if not entry.get("axis")]


def networks(config: dict) -> list[str]:
    """Those of them that are networks, not interpolations."""
    return [name for name in compared(config) if config["methods"][name]["network"]]


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
