"""The error that parsing raises."""


class DecodeError(ValueError):
    """A payload does not have the form that plugs send; the text names the member."""
