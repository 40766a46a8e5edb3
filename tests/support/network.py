"""Plugs on the local network, and a replaced check of the broker."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ServerDisconnectedError
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.test_util.aiohttp import (
    AiohttpClientMocker,
    AiohttpClientMockResponse,
)
from yarl import URL

from custom_components.meross_local.broker_check.problem import Problem
from custom_components.meross_local.meross.credentials import Credentials
from tests.simulator import HttpServer, SimulatedPlug

from .mqtt import MqttBroker
from .world import SERVER

ADDRESS: Final = "192.0.2.20"
BROKER_INPUT: Final = {"host": SERVER[0], "port": SERVER[1]}
"""What a user enters for the broker of the tests."""


class LocalNetwork:
    """Plugs and other servers at their addresses, over HTTP."""

    def __init__(self, broker: MqttBroker, http: AiohttpClientMocker) -> None:
        """Initialize without a server."""
        self.http = http
        self._broker = broker

    def connect(
        self, plug: SimulatedPlug, *, is_silent: bool = False, ecdhe: bool = True
    ) -> HttpServer:
        """Power on a plug, and serve it."""
        connect = self._broker.connect_silent if is_silent else self._broker.connect
        connect(plug)
        lan = HttpServer(plug, ecdhe=ecdhe)

        async def respond(
            method: str, url: URL, data: bytes
        ) -> AiohttpClientMockResponse:
            reply = lan.answer(data)
            if reply is None:
                raise ServerDisconnectedError
            return AiohttpClientMockResponse(method, url, response=reply)

        self.serve(side_effect=respond)
        return lan

    def serve(self, address: str = ADDRESS, **response: Any) -> None:  # noqa: ANN401
        """Serve the same response to every request to an address."""
        self.http.post(f"http://{address}/config", **response)


@dataclass
class BrokerCheck:
    """Replace the check of a broker: report given problems, then none."""

    problems: list[Problem] = field(default_factory=list)
    calls: list[tuple[str, int, Credentials]] = field(default_factory=list)
    duration: float = 0.0
    """Seconds that each check takes."""

    async def check(
        self,
        _hass: HomeAssistant,
        host: str,
        port: int,
        credentials: Credentials,
        progress: Any,  # noqa: ANN401
    ) -> Problem | None:
        """Record the call; return the next problem."""
        self.calls.append((host, port, credentials))
        progress(0.5)
        if self.duration:
            await asyncio.sleep(self.duration)
        return self.problems.pop(0) if self.problems else None
