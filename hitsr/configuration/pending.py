"""Keys that are declared but that no step reads yet: refused, so that no result is silently without them.

Whoever makes a step read one takes it out here.
"""

from hitsr.configuration.ablations import all_methods
from hitsr.errors import ConfigError


def refuse(config: dict) -> None:
    """Refuse what no step does yet.

    Raises:
        ConfigError: such a key has another value than its default.
    """
    for name, method in all_methods(config).items():
        if not method["train"]["activation_checkpointing"]:
            raise ConfigError(f"{name}: train.activation_checkpointing: cannot be switched off yet")
