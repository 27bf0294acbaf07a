"""Published training recipes, from `hitsr/catalogs/recipes.yaml`: keys of `train` under a name, with their source."""

from collections.abc import Collection
from functools import cache

from hitsr.catalogs import FOLDER
from hitsr.configuration.models.catalogs import Recipe, Recipes
from hitsr.configuration.models.train import Train
from hitsr.errors import ConfigError
from hitsr.schema.checking import validated
from hitsr.schema.files import read_yaml
from hitsr.schema.types import unknown

RECIPES = FOLDER / "recipes.yaml"
HIT = "hit"
"""The recipe of HiT-SR, under which methods are compared like for like."""
PROTOCOL = (
    "iterations", "batch_size", "patch_size", "learning_rate", "betas", "milestones", "gamma", "schedule_iterations",
    "warm_up", "loss", "start_from_x2", "fine_tuning", "ema",
)  # fmt: skip
"""Keys of `train` that make a recipe: the others say how a training runs, not what comes out."""


OF_TRAINING = ("drop_path",)
"""Options of networks that belong to a recipe: they change nothing but the training."""


@cache
def recipes() -> dict[str, dict]:
    """The recipes by name, each with `title`, `networks`, `source`, `remark` and its keys of `train`.

    Raises:
        ConfigError: a recipe has a key that `train` does not have, or a value of the wrong type.
    """
    found: dict[str, Recipe] = validated(Recipes, read_yaml(RECIPES), f"{RECIPES.name}:")
    for name, entry in found.items():
        alien = [key for key in entry.train.given() if key not in PROTOCOL]
        if alien:
            raise ConfigError(
                f"{RECIPES.name}: {name}.train.{alien[0]}: not part of a recipe; {', '.join(PROTOCOL)} are"
            )
    return {name: {**entry.model_dump(), "train": entry.train.given()} for name, entry in found.items()}


def recipe(name: str, where: str) -> dict:
    """Keys of `train` of a recipe.

    Raises:
        ConfigError: no such recipe; `where` is the path of the key that names it.
    """
    if name not in recipes():
        raise ConfigError(f"{where}: {unknown('recipe', name, recipes())} ({RECIPES.name})")
    return recipes()[name]["train"]


def recipe_options(name: str | None, known: Collection[str]) -> dict[str, object]:
    """Options of a network that a recipe sets, as far as the network has them.

    Args:
        known: names of the network's options.
    """
    stated = recipes()[name]["options"] if name in recipes() else {}
    return {key: value for key, value in stated.items() if key in known}


def published_recipe(network: str) -> str | None:
    """Name of the recipe that a network was published with; None for a network that nobody published."""
    return next((name for name, entry in recipes().items() if network in entry["networks"]), None)


def departures(train: dict, name: str) -> dict[str, object]:
    """Keys of `train` in which a training departs from a recipe, with the recipe's values.

    What the recipe leaves out counts as the default.
    """
    wanted = {**Train().model_dump(), **recipes()[name]["train"]}
    return {key: wanted[key] for key in PROTOCOL if train[key] != wanted[key]}
