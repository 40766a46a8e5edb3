"""One plug at run time."""

from .plug import Plug
from .status import Status

__all__ = ["Plug", "Status"]
