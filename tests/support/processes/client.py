"""A client of Home Assistant's REST and websocket APIs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp


class CallError(Exception):
    """Home Assistant rejected a call."""


class Client:
    """Call a running Home Assistant as a user who is logged in."""

    def __init__(self, url: str, token: str) -> None:
        """Initialize without opening a connection."""
        self._url = url
        self.token = token
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        self._session = aiohttp.ClientSession(
            self._url, headers={"Authorization": f"Bearer {self.token}"}
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Return the open connection pool."""
        if self._session is None:
            raise CallError("the client is not open")
        return self._session

    async def get(self, path: str) -> Any:  # noqa: ANN401 (JSON)
        """Return the response of a GET of /api/<path>."""
        return await self._request("GET", path, None)

    async def post(self, path: str, **data: Any) -> Any:  # noqa: ANN401 (JSON)
        """Return the response of a POST to /api/<path>."""
        return await self._request("POST", path, data)

    async def delete(self, path: str) -> Any:  # noqa: ANN401 (JSON)
        """Return the response of a DELETE of /api/<path>."""
        return await self._request("DELETE", path, None)

    async def _request(self, method: str, path: str, data: object) -> Any:  # noqa: ANN401 (JSON)
        async with self.session.request(method, f"/api/{path}", json=data) as response:
            if not response.ok:
                raise CallError(
                    f"{method} {path}: {response.status} {await response.text()}"
                )
            return await response.json()

    async def command(self, kind: str, **fields: Any) -> Any:  # noqa: ANN401 (JSON)
        """Return the result of one websocket command."""
        async with self.websocket() as socket:
            await socket.send_json({"id": 1, "type": kind, **fields})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise CallError(f"{kind}: {answer['error']}")
        return answer["result"]

    @asynccontextmanager
    async def websocket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Open a websocket and log in; the caller numbers its commands from 1."""
        async with self.session.ws_connect(
            "/api/websocket", max_msg_size=0
        ) as websocket:
            await websocket.receive_json()
            await websocket.send_json({"type": "auth", "access_token": self.token})
            answer = await websocket.receive_json()
            if answer["type"] != "auth_ok":
                raise CallError(f"the token was rejected: {answer}")
            yield websocket

    async def state(self, entity_id: str) -> str | None:
        """Return an entity's state, or None if there is no such entity."""
        states = await self.states()
        return states[entity_id]["state"] if entity_id in states else None

    async def states(self, domain: str = "") -> dict[str, dict[str, Any]]:
        """Return all states, or those of one domain, by entity ID."""
        return {
            state["entity_id"]: state
            for state in await self.get("states")
            if state["entity_id"].startswith(f"{domain}." if domain else "")
        }

    async def wait_for_state(
        self, entity_id: str, state: str, timeout: float = 10.0
    ) -> None:
        """Wait until the entity exists and is in that state."""
        async with asyncio.timeout(timeout):
            while await self.state(entity_id) != state:
                await asyncio.sleep(0.05)

    async def act(self, action: str, **data: Any) -> None:  # noqa: ANN401 (JSON)
        """Perform an action such as switch.turn_on."""
        await self.post(f"services/{action.replace('.', '/', 1)}", **data)

    async def mqtt_is_ready(self, timeout: float = 30.0) -> None:
        """Wait until the broker has received Home Assistant's subscriptions.

        Home Assistant collects its subscriptions for some seconds after it connected;
        what is published before is lost. This adds one and publishes to it until a
        message arrives: earlier subscriptions are complete by then.
        """
        topic = f"harness/{id(self)}"
        async with self.websocket() as socket, asyncio.timeout(timeout):
            await socket.send_json({"id": 1, "type": "mqtt/subscribe", "topic": topic})
            while True:
                await self.act("mqtt.publish", topic=topic, payload="ready")
                try:
                    async with asyncio.timeout(0.2):
                        while (await socket.receive_json())["type"] != "event":
                            pass
                except TimeoutError:
                    continue
                return

    async def entries(self, domain: str) -> list[dict[str, Any]]:
        """Return the config entries of an integration."""
        return list(await self.get(f"config/config_entries/entry?domain={domain}"))

    async def discovered(self, domain: str) -> list[dict[str, Any]]:
        """Return the flows of an integration that wait for the user."""
        flows = await self.command("config_entries/flow/progress")
        return [flow for flow in flows if flow["handler"] == domain]

    async def start_flow(self, domain: str) -> dict[str, Any]:
        """Start the flow of **Add integration**; return its first step."""
        return dict(await self.post("config/config_entries/flow", handler=domain))

    async def answer_flow(self, flow_id: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        """Submit a flow's form; return its next step."""
        return dict(await self.post(f"config/config_entries/flow/{flow_id}", **data))
