"""What a complete configuration asks for: which methods are trained, measured and shown."""

from hitsr import ablations, lineup

SHOWS = {
    "main": ("quality", "complexity"),
    "efficiency": ("complexity", "latency"),
    "complexity": ("complexity",),
    "statistics": ("quality",),
    "comparison": ("quality",),
    "printed": (),
    "cost": ("complexity", "latency"),
    "tradeoff": ("quality", "complexity", "latency"),
    "training": ("training",),
    "crops": ("quality",),
    "errors": ("quality",),
    "ablation": ("quality", "complexity", "latency"),
    "performance": ("quality",),
    "growth": ("growth",),
    "operators": ("operators",),
    "convergence": ("training",),
    "attribution": ("attribution",),
    "receptive_field": ("attribution",),
}
"""Kinds of measurement that each table and figure shows; a run measures what its report shows."""


def measured_kinds(config: dict) -> list[str]:
    """Kinds of measurement that the run's tables and figures show."""
    shown = config["report"]["tables"] + config["report"]["figures"]
    return list(dict.fromkeys(kind for name in shown for kind in _shows(name)))


def _shows(name: str) -> tuple[str, ...]:
    return SHOWS["ablation" if name.startswith(ablations.PREFIX) else name]


def attributed(config: dict) -> list[str]:
    """Names of the networks that attribution looks into."""
    return config["attribution"]["methods"] or lineup.networks(config)


def grown(config: dict) -> list[str]:
    """Names of the networks that are timed at every size."""
    return config["latency"]["growth"]["methods"] or lineup.networks(config)


def trained(config: dict) -> list[str]:
    """Names of the methods that the run trains: networks without given weights."""
    return [name for name, m in ablations.all_methods(config).items() if m["network"] is not None and not m["weights"]]
