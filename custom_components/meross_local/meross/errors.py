"""The one error of this package."""


class DecodeError(ValueError):
    """A payload is not what a plug says; the text names what was wrong with it."""
