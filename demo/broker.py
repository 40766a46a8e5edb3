"""The demo's broker: mosquitto where it is installed, else one from PyPI."""

import asyncio
from dataclasses import replace
from pathlib import Path

from tests.support.processes.listeners import right
from tests.support.processes.mosquitto import Mosquitto, find_mosquitto
from tests.support.processes.process import (
    Process,
    accepts_connections,
    free_port,
    is_free,
)

START_TIMEOUT = 20.0

# Where Add plug looks for a broker by itself.
TLS_PORT = 8883

# Made by scripts/demo where there is no mosquitto.
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


class Amqtt:
    """The embedded broker, in an environment of its own."""

    name = "amqtt"
    # It refuses MQTT 3.1, which plugs speak, and 5, which Home Assistant prefers.
    hass_protocol = "3.1.1"
    plug_protocol = "3.1.1"
    # Nor has it what a plug needs that is led to it.
    tls_port = None

    def __init__(self, folder: Path) -> None:
        """Write its configuration to the folder."""
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "amqtt.yaml"
        configuration.write_text(AMQTT_CONFIGURATION.format(port=self.port))
        self.process = Process(
            [str(AMQTT), "-c", str(configuration)], log=folder / "amqtt.log"
        )

    async def start(self) -> None:
        """Start it and wait until it takes connections."""
        await self.process.start()
        async with asyncio.timeout(START_TIMEOUT):
            while not await accepts_connections(self.port):
                self.process.expect_running()
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """End it; it has nothing to keep."""
        await self.process.kill()


class DemoMosquitto(Mosquitto):
    """Mosquitto, which takes every version of MQTT."""

    name = "mosquitto"
    hass_protocol = "5"
    plug_protocol = "3.1"

    def __init__(self, folder: Path) -> None:
        """Have a listener for plugs that are told of it."""
        listener = right(folder / "tls")
        if is_free(TLS_PORT):
            listener = replace(listener, port=TLS_PORT)
        self.tls_port = listener.port
        super().__init__(folder, listeners=[listener])


def choose_broker(folder: Path) -> Amqtt | DemoMosquitto:
    """Return the better of the two that can be started here."""
    return DemoMosquitto(folder) if find_mosquitto() else Amqtt(folder)
