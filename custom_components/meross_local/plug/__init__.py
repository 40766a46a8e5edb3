"""One plug at run time."""

from .plug import Plug

__all__ = ["Plug"]
