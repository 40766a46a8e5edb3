"""A plug at an address of the local network, over real connections."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
import re
import socket
import struct

from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.core import HomeAssistant
from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.meross.message import MAX_MESSAGE_SIZE
from custom_components.meross_local.transport.errors import (
    CannotConnectError,
    InterruptedReplyError,
    InvalidAddressError,
    NotMerossError,
    PlugRequestError,
)
from custom_components.meross_local.transport.http import (
    MAX_ATTEMPTS,
    REQUEST_TIMEOUT,
    PlugHttpClient,
    _url_from_address,
)
from tests.simulator import SimulatedPlug
from tests.simulator.http_endpoint import HttpEndpoint
from tests.simulator.namespaces import ABILITY, ALL
from tests.support.messages import build_message

PARTS = ["192.0.2.20", "plug.lan", "[::1]", "::1", "@", ":", "/", "//", "?", "#", "\\"]
PARTS += ["80", "65536", "-1", "%2f", "%00", "http:", " ", "\n", "\t", "ä", "。", "."]

type Body = Callable[[], AsyncGenerator[bytes]]


@asynccontextmanager
async def serve(
    body: Body, status: int = 200
) -> AsyncGenerator[tuple[str, list[web.Request]]]:
    """Yield the address of a server, and the requests to it."""
    requests: list[web.Request] = []

    async def respond(request: web.Request) -> web.StreamResponse:
        requests.append(request)
        response = web.StreamResponse(status=status, headers={"Location": "/elsewhere"})
        await response.prepare(request)
        async for part in body():
            await response.write(part)
        return response

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", respond)
    async with TestServer(application, host="127.0.0.1") as server:
        yield f"127.0.0.1:{server.port}", requests


async def error_of(
    hass: HomeAssistant, address: str, timeout: float = REQUEST_TIMEOUT
) -> type[PlugRequestError]:
    """Return the error of an identification."""
    client = PlugHttpClient(hass, address, timeout=timeout, retry_interval=0)
    with pytest.raises(PlugRequestError) as caught:
        await client.async_identify(["", "meross"])
    return caught.type


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize(
    ("status", "body"),
    [
        *((status, b"") for status in (200, 301, 302, 307, 308, 404, 500)),
        *((200, body) for body in (b"{}", b"<html>A printer</html>", b"\xff\xff")),
        pytest.param(200, b" " * MAX_MESSAGE_SIZE, id="longest"),
        pytest.param(
            200,
            build_message(SimulatedPlug("mss310"), ABILITY, "GETACK", {"ability": {}}),
            id="reply to another request",
        ),
    ],
)
async def test_other_response_is_not_from_a_plug(
    hass: HomeAssistant, status: int, body: bytes
) -> None:
    async def send() -> AsyncGenerator[bytes]:
        yield body

    is_interrupted = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    error = InterruptedReplyError if is_interrupted else NotMerossError
    async with serve(send, status) as (address, requests):
        assert await error_of(hass, address) is error
        assert len(requests) == (MAX_ATTEMPTS if is_interrupted else 1)
        request = requests[-1]
        assert (request.method, request.path) == ("POST", "/config")
        assert request.headers["Connection"] == "close"


@pytest.mark.usefixtures("socket_enabled")
async def test_endless_response_is_not_read_to_its_end(hass: HomeAssistant) -> None:
    async def send() -> AsyncGenerator[bytes]:
        while True:
            yield b" " * 1024
            await asyncio.sleep(0)

    async with serve(send) as (address, _):
        assert await error_of(hass, address) is NotMerossError


@pytest.mark.usefixtures("socket_enabled")
async def test_slow_response_is_not_waited_for(hass: HomeAssistant) -> None:
    async def send() -> AsyncGenerator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.02)

    assert REQUEST_TIMEOUT == 5
    async with serve(send) as (address, requests):
        assert await error_of(hass, address, timeout=0.1) is InterruptedReplyError
    assert len(requests) == MAX_ATTEMPTS
    # Now the port is closed.
    assert await error_of(hass, address) is CannotConnectError


type Handle = Callable[[StreamReader, StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listen(handle: Handle) -> AsyncGenerator[str]:
    """Yield the address of a server that gets each connection after its request."""

    async def serve_request(reader: StreamReader, writer: StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        (length,) = re.findall(rb"Content-Length: ([0-9]+)", head)
        reader.feed_data(await reader.readexactly(int(length)))
        await handle(reader, writer)
        writer.close()

    async with await asyncio.start_server(serve_request, "127.0.0.1") as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.usefixtures("socket_enabled")
async def test_connection_that_closes_unannounced_is_not_used_again(
    hass: HomeAssistant,
) -> None:
    """The first reply keeps it open as far as it announces anything."""
    plug = SimulatedPlug("mss310")
    endpoint = HttpEndpoint(plug)
    more = []

    async def handle(reader: StreamReader, writer: StreamWriter) -> None:
        reply = endpoint.respond(await reader.read(MAX_MESSAGE_SIZE))
        assert reply is not None
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(reply))
        writer.write(reply)
        await writer.drain()
        # Another request on it is lost.
        more.append(await reader.read(1))

    async with listen(handle) as address:
        client = PlugHttpClient(hass, address)
        await client.async_identify(["meross"])
    assert client.identity.uuid == plug.uuid
    assert endpoint.requests == [(ABILITY, "GET"), (ALL, "GET")]
    assert more == [b"", b""]


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
@pytest.mark.parametrize("linger", [None, struct.pack("ii", 1, 0)])
async def test_reply_that_is_cut_is_requested_three_times(
    hass: HomeAssistant, start: bytes, linger: bytes | None
) -> None:
    """Whether the connection ends in order or is reset."""
    connections = 0

    async def handle(_: StreamReader, writer: StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.write(start)
        await writer.drain()
        if linger is not None:
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    async with listen(handle) as address:
        assert await error_of(hass, address) is InterruptedReplyError
    assert connections == MAX_ATTEMPTS


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=6).map("".join))
def test_any_text_is_an_address_of_a_single_host_or_rejected(text: str) -> None:
    try:
        url = _url_from_address(text)
    except InvalidAddressError:
        return
    assert url.host
    assert (url.scheme, url.path, url.query_string, url.fragment) == (
        *("http", "/config"),
        *("", ""),
    )
    assert url.user is url.password is None
    assert url.explicit_port is None or 0 <= url.explicit_port <= 65535


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("192.0.2.20", "http://192.0.2.20/config"),
        (" 192.0.2.20\n", "http://192.0.2.20/config"),
        ("192.0.2.20:80", "http://192.0.2.20/config"),
        ("192.0.2.20:8080", "http://192.0.2.20:8080/config"),
        ("Plug.LAN", "http://plug.lan/config"),
        ("[fe80::1]", "http://[fe80::1]/config"),
        ("[fe80::1]:8080", "http://[fe80::1]:8080/config"),
    ],
)
def test_address_may_have_a_port(text: str, url: str) -> None:
    # As text: to yarl a default port that is written is another one.
    assert str(_url_from_address(text)) == url


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a b", "http://192.0.2.20", "192.0.2.20/config", "192.0.2.20?x"),
        *("192.0.2.20#x", "me@192.0.2.20", "192.0.2.20:70000", "192.0.2.20:port"),
        *("fe80::1", "[fe80::1", "a/b", "[::1]@"),
    ],
)
def test_other_text_is_not_an_address(text: str) -> None:
    with pytest.raises(InvalidAddressError):
        _url_from_address(text)
