"""A Meross plug in software, as strict as firmware, over a real MQTT connection.

It shares no code with the integration, so that a fault in one shows against the
other. It follows docs/protocol.md, which its modules cite by section.
"""

from .families import ODD_NAMES, OTHER_FAMILIES
from .fleet import Fleet
from .gateway import CLOUD, CLOUD_USER, UNSET, Gateway
from .http_server import HttpServer
from .models import MODELS, Model
from .plug import SimulatedPlug
from .provisioning import Network
from .sender import PublishedMessage
from .waiting import wait_until
from .wire import Message, sign

__all__ = [
    "CLOUD",
    "CLOUD_USER",
    "MODELS",
    "ODD_NAMES",
    "OTHER_FAMILIES",
    "UNSET",
    "Fleet",
    "Gateway",
    "HttpServer",
    "Message",
    "Model",
    "Network",
    "PublishedMessage",
    "SimulatedPlug",
    "sign",
    "wait_until",
]
