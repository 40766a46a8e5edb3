"""A Meross plug in software, as strict as firmware, over a real MQTT connection.

It shares no code with the integration, so that a fault in one shows against
the other. What it does follows protocol.md, cited by section.
"""

from .faults import Faults
from .fleet import Fleet
from .models import MODELS, Model
from .plug import SimulatedPlug
from .records import Heard, Said
from .waiting import wait_until
from .wire import Message, sign

__all__ = [
    "MODELS",
    "Faults",
    "Fleet",
    "Heard",
    "Message",
    "Model",
    "Said",
    "SimulatedPlug",
    "sign",
    "wait_until",
]
