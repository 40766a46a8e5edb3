"""One plug at run time."""

from .plug import Plug
from .state import OUTLETS
from .status import Status

__all__ = ["OUTLETS", "Plug", "Status"]
