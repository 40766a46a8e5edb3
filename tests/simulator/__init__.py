"""A Meross plug in software, as strict as firmware, over a real MQTT connection.

It shares no code with the integration, so that a fault in one shows against
the other. What it does follows protocol.md, cited by section.
"""

from .faults import Faults
from .fleet import Fleet
from .gateway import CLOUD, CLOUD_USER, UNSET, Gateway
from .lan import Lan
from .models import MODELS, Model
from .plug import SimulatedPlug
from .provisioning import Network
from .recorded import recorded
from .records import Heard, Said
from .waiting import wait_until
from .wire import Message, sign

MODELS.update(recorded())

__all__ = [
    "CLOUD",
    "CLOUD_USER",
    "MODELS",
    "UNSET",
    "Faults",
    "Fleet",
    "Gateway",
    "Heard",
    "Lan",
    "Message",
    "Model",
    "Network",
    "Said",
    "SimulatedPlug",
    "sign",
    "wait_until",
]
