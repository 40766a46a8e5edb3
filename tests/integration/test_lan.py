"""What answers over HTTP, by real connections: as much is read as a plug can say."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestServer
from homeassistant.core import HomeAssistant
import pytest

from custom_components.meross_local import lan
from custom_components.meross_local.transport.http import LanError, PlugHttpClient
from custom_components.meross_local.meross.message import MAX_MESSAGE_SIZE

pytestmark = pytest.mark.usefixtures("socket_enabled")

type Answer = Callable[[web.Request], AsyncGenerator[bytes]]


@asynccontextmanager
async def serving(
    answer: Answer, status: int = 200, location: str = "/elsewhere"
) -> AsyncGenerator[tuple[str, list[web.Request]]]:
    """Give the address of a server, and all that it was asked."""
    asked: list[web.Request] = []

    async def respond(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        response = web.StreamResponse(status=status, headers={"Location": location})
        await response.prepare(request)
        async for part in answer(request):
            await response.write(part)
        return response

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", respond)
    async with TestServer(application, host="127.0.0.1") as server:
        yield f"127.0.0.1:{server.port}", asked


async def read(hass: HomeAssistant, address: str) -> str:
    """Return why a plug cannot be read."""
    with pytest.raises(LanError) as caught:
        await PlugHttpClient(hass, address).async_read(["", "meross"])
    return caught.value.reason


async def nothing(_: web.Request) -> AsyncGenerator[bytes]:
    """Say nothing."""
    return
    yield b""


async def without_end(_: web.Request) -> AsyncGenerator[bytes]:
    """Say something without end."""
    while True:
        yield b" " * 1024
        await asyncio.sleep(0)


async def too_slowly(_: web.Request) -> AsyncGenerator[bytes]:
    """Say a little, again and again."""
    for _turn in range(100):
        yield b" "
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 500])
async def test_nothing_but_its_address_is_asked(
    hass: HomeAssistant, status: int
) -> None:
    async with serving(nothing, status) as (address, asked):
        assert await read(hass, address) == "not_meross"
        (request,) = asked
        assert (request.method, request.path) == ("POST", "/config")
        assert request.headers["Connection"] == "close"


async def test_an_answer_without_end_is_not_waited_for(hass: HomeAssistant) -> None:
    async with serving(without_end) as (address, _):
        assert await read(hass, address) == "not_meross"


async def test_one_that_is_as_long_as_can_be_is_read(hass: HomeAssistant) -> None:
    async def long(_: web.Request) -> AsyncGenerator[bytes]:
        yield b" " * MAX_MESSAGE_SIZE

    async with serving(long) as (address, asked):
        assert await read(hass, address) == "not_meross"
        assert len(asked) == 1


async def test_one_that_takes_too_long_is_given_up(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lan._PATIENCE.total == 10
    monkeypatch.setattr(lan, "_PATIENCE", ClientTimeout(total=0.2))
    async with serving(too_slowly) as (address, _):
        assert await read(hass, address) == "no_http"


async def test_nobody_answers(hass: HomeAssistant) -> None:
    async with serving(nothing) as (address, _):
        pass
    assert await read(hass, address) == "no_http"
