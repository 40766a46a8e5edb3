"""The demo's broker: mosquitto where it is installed, else one from PyPI."""

from dataclasses import replace
from pathlib import Path
from typing import override

from tests.support.processes.listeners import right
from tests.support.processes.mosquitto import Mosquitto, find_mosquitto
from tests.support.processes.process import (
    Process,
    Service,
    accepts_connections,
    free_port,
    is_free,
)

# The default port of Add plug.
TLS_PORT = 8883

# Installed by scripts/demo where there is no mosquitto.
AMQTT = Path(__file__).parents[1] / ".venv" / "broker" / "bin" / "amqtt"

AMQTT_CONFIGURATION = """\
listeners:
  default:
    type: tcp
    bind: 127.0.0.1:{port}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin:
    allow_anonymous: true
"""


class Amqtt(Service):
    """The embedded broker, in an environment of its own."""

    name = "amqtt"
    # It rejects MQTT 3.1, which plugs use, and 5, which Home Assistant prefers.
    hass_protocol = "3.1.1"
    plug_protocol = "3.1.1"
    # It has no TLS listener, which Add plug needs.
    tls_port = None

    def __init__(self, folder: Path) -> None:
        """Write its configuration to the folder."""
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "amqtt.yaml"
        configuration.write_text(AMQTT_CONFIGURATION.format(port=self.port))
        command = [str(AMQTT), "-c", str(configuration)]
        self.process = Process(command, log=folder / "amqtt.log")

    @override
    async def is_ready(self) -> bool:
        """Return whether it accepts connections."""
        return await accepts_connections(self.port)

    @override
    async def stop(self) -> None:
        """Kill it; it has no state."""
        await self.process.kill()


class DemoMosquitto(Mosquitto):
    """Mosquitto, which accepts every version of MQTT."""

    name = "mosquitto"
    hass_protocol = "5"
    plug_protocol = "3.1"

    def __init__(self, folder: Path) -> None:
        """Add a TLS listener for plugs that are moved to this broker."""
        listener = right(folder / "tls")
        if is_free(TLS_PORT):
            listener = replace(listener, port=TLS_PORT)
        self.tls_port = listener.port
        super().__init__(folder, listeners=[listener])


def choose_broker(folder: Path) -> Amqtt | DemoMosquitto:
    """Return the better of the two that can be started here."""
    return DemoMosquitto(folder) if find_mosquitto() else Amqtt(folder)
