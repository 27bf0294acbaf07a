"""Numbers that remember how they were written, so that a name such as 007, 1e3 or 0801 is read back as it stands."""


class Integer(int):
    """An integer of a configuration file, with its `text`."""

    text: str

    def __new__(cls, value: int, text: str) -> "Integer":
        number = super().__new__(cls, value)
        number.text = text
        return number

    def __reduce__(self) -> tuple:
        return Integer, (int(self), self.text)


class Number(float):
    """A number with a point or an exponent of a configuration file, with its `text`."""

    text: str

    def __new__(cls, value: float, text: str) -> "Number":
        number = super().__new__(cls, value)
        number.text = text
        return number

    def __reduce__(self) -> tuple:
        return Number, (float(self), self.text)
