"""What can be wrong with a value; `hitsr.schema.messages` makes one line of it."""

from pydantic_core import PydanticCustomError


class Expected(PydanticCustomError):
    """Another type or kind of value was expected.

    Args:
        what: what was expected, as after "expected".
        remedy: what to do, if `what` does not say it.
    """

    def __new__(cls, what: str, remedy: str = "") -> "Expected":
        return super().__new__(cls, "expected", "expected", {"what": what, "remedy": remedy})


class Fault(PydanticCustomError):
    """Something is wrong that the message says in full.

    Args:
        said: what is wrong and what to do.
        at: path below the value to the key that is to blame.
    """

    def __new__(cls, said: str, *at: str | int) -> "Fault":
        return super().__new__(cls, "fault", "fault", {"said": said, "at": at})
