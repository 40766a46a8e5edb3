"""The check of a broker finds each problem, by real connections in real time."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import partial
import logging
import re
import socket
import ssl
import threading
import time
from typing import Any
from unittest.mock import AsyncMock, Mock, patch

from homeassistant.components import mqtt
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import (
    MqttMockHAClient,
    MqttMockPahoClient,
)

from custom_components.meross_local.broker_check import check
from custom_components.meross_local.broker_check.check import async_check_broker
from custom_components.meross_local.broker_check.probe_client import ProbeClient
from custom_components.meross_local.broker_check.problem import Problem
from custom_components.meross_local.broker_check.tls import has_rsa_key
from custom_components.meross_local.meross.credentials import Credentials
from custom_components.meross_local.meross.topics import PUBLISH_FILTER
from custom_components.meross_local.transport.mqtt import QOS
from tests.simulator.wire import decode
from tests.support.mini_broker import MiniBroker
from tests.support.processes.certificates import Certificate, make_certificate

HOST = "127.0.0.1"
UUID = "2111185763029415h03348e1e9d1459b"
MAC = "48:e1:e9:d1:45:9b"
CREDENTIALS = Credentials(UUID, MAC, "own", 7)
PUBLISH_TOPIC = f"/appliance/{UUID}/publish"
REQUEST_TOPIC = f"/appliance/{UUID}/subscribe"

# How far a check comes: to the port, to TLS, to MQTT.
PORT_PASSED = [1 / 3]
TLS_PASSED = [1 / 3, 2 / 3]
TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
MUTUAL: dict[str, Any] = {"verify_mode": ssl.CERT_REQUIRED}
# Servers that are no MQTT broker: they close the connection, send text, or nothing.
OTHER_SERVERS: list[dict[str, Any]] = [
    {"banner": b""},
    {"banner": b"HTTP/1.1 400 Bad Request\r\n\r\n"},
    {"is_silent": True},
]

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(scope="module")
def rsa(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Return a certificate that plugs accept."""
    return make_certificate(tmp_path_factory.mktemp("rsa"))


@pytest.fixture(scope="module")
def ecdsa(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Return one that they do not accept."""
    return make_certificate(tmp_path_factory.mktemp("ecdsa"), "ecdsa")


def tls(certificate: Certificate, **settings: Any) -> ssl.SSLContext:  # noqa: ANN401
    """Return the TLS context of a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    context.load_verify_locations(certificate.certificate)
    for name, value in settings.items():
        setattr(context, name, value)
    return context


@dataclass
class Checker:
    """Home Assistant and its MQTT connection, which checks brokers."""

    hass: HomeAssistant
    client: MqttMockHAClient
    paho: MqttMockPahoClient
    unsubscribe: CALLBACK_TYPE

    async def check(
        self, broker: MiniBroker, host: str = HOST, timeout: float = 5
    ) -> tuple[Problem | None, list[float]]:
        """Return the problem, and the progress of the check."""

        def receive(topic: str, payload: bytes) -> None:
            self.hass.loop.call_soon_threadsafe(
                async_fire_mqtt_message, self.hass, topic, payload, 1
            )

        def publish(topic: str, payload: bytes, *rest: Any) -> object:  # noqa: ANN401
            broker.publish(topic, payload)
            return published(topic, payload, *rest)

        published = self.paho.publish.side_effect
        self.paho.publish.side_effect = publish
        broker.on_publish = receive
        progress: list[float] = []
        problem = await async_check_broker(
            self.hass, host, broker.port, CREDENTIALS, progress.append, timeout=timeout
        )
        return problem, progress


@pytest.fixture
async def checker(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    mqtt_client_mock: MqttMockPahoClient,
) -> AsyncGenerator[Checker]:
    """Yield Home Assistant, subscribed to plugs as it is with a hub."""
    unsubscribe = await mqtt.async_subscribe(
        hass, PUBLISH_FILTER, lambda _: None, QOS, encoding=None
    )
    # It would wait for more subscriptions.
    debouncer = mqtt_mock.return_value._subscribe_debouncer
    debouncer.set_timeout(0)
    debouncer._next_execute_time = 0
    await debouncer.async_execute()
    yield Checker(hass, mqtt_mock, mqtt_client_mock, unsubscribe)
    # A message on the topic of discovery starts a flow.
    await hass.async_block_till_done(wait_background_tasks=True)
    # The mock never closes its socket.
    closed = Mock(fileno=Mock(return_value=-1))
    mqtt_client_mock.on_socket_close(mqtt_client_mock, None, closed)


def setter_of(event: asyncio.Event) -> Callable[[], object]:
    """Return what sets the event from another thread."""
    return partial(asyncio.get_running_loop().call_soon_threadsafe, event.set)


def timeout_for(server: dict[str, Any]) -> float:
    """Return seconds: few where the check waits for what does not come."""
    return 0.4 if {"is_silent", "delivers", "forwards"} & server.keys() else 5


async def test_check_logs_in_as_the_plug_and_sends_the_time(
    checker: Checker, rsa: Certificate
) -> None:
    others = [(PUBLISH_TOPIC, b"other"), (f"/appliance/{'0' * 32}/publish", b"{}")]
    with MiniBroker(tls(rsa), other_messages=others) as broker:
        broker.on_subscribe = lambda: broker.publish(REQUEST_TOPIC, b"other")
        assert await checker.check(broker) == (None, [*TLS_PASSED, 1])
        (login,) = broker.logins
        assert (login.protocol, login.level) == ("MQIsdp", 3)
        assert re.fullmatch(f"fmware:{UUID}_[0-9A-Za-z]{{16}}", login.client_id)
        assert (login.user, login.password) == (MAC, CREDENTIALS.password)
        assert broker.topics == [REQUEST_TOPIC]
        assert [topic for topic, _ in broker.published] == [PUBLISH_TOPIC]
    # Home Assistant is still subscribed.
    assert not checker.paho.unsubscribe.called
    # The plug itself receives the message, too: it must do no harm there.
    ((_, raw, _, retain, *_),) = [
        call.args
        for call in checker.paho.publish.call_args_list
        if call.args[0] == REQUEST_TOPIC
    ]
    message = decode(raw)
    assert message is not None
    assert (message.method, message.namespace) == ("PUSH", "Appliance.System.Clock")
    assert message.payload == {"clock": {"timestamp": message.timestamp}}
    assert message.is_signed_with("own")
    assert not retain


async def test_message_may_be_received_as_text(
    checker: Checker, rsa: Certificate
) -> None:
    """As where another subscription of Home Assistant's requests it as text."""

    async def as_text(*args: Any, **_: Any) -> CALLBACK_TYPE:  # noqa: ANN401
        return await subscribe(*args)

    subscribe = mqtt.async_subscribe
    with MiniBroker(tls(rsa)) as broker, patch.object(mqtt, "async_subscribe", as_text):
        assert (await checker.check(broker))[0] is None


@pytest.mark.parametrize("since", ["start", "subscribe", "subscribed", "publish"])
async def test_home_assistant_is_not_connected(
    checker: Checker, rsa: Certificate, monkeypatch: pytest.MonkeyPatch, since: str
) -> None:
    failing = AsyncMock(side_effect=HomeAssistantError("not connected"))
    if since == "start":
        checker.client.connected = False
    elif since == "subscribe":
        monkeypatch.setattr(mqtt, "async_subscribe", failing)
    elif since == "subscribed":
        checker.unsubscribe()
        checker.paho.subscribe.side_effect = lambda *_, **__: (0, 10_000)
    else:
        monkeypatch.setattr(mqtt, "async_publish", failing)
    with MiniBroker(tls(rsa)) as broker:
        found = await checker.check(broker, timeout=0.4)
        assert bool(broker.logins) == (since != "start")
    assert found == (Problem.NOT_CONNECTED, TLS_PASSED if broker.logins else [])


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70])
async def test_host_is_unknown(
    checker: Checker, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """It has no address, or is too long for the name of a host."""

    def resolve(host: str, *_: object, **__: object) -> None:
        host.encode("idna")
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    found = await checker.check(MiniBroker(port=8883), host)
    assert found == (Problem.HOST_UNKNOWN, [])


async def test_port_is_closed(checker: Checker) -> None:
    with MiniBroker() as broker:
        pass
    assert await checker.check(broker) == (Problem.UNREACHABLE, [])


@pytest.mark.parametrize("server", [{}, *OTHER_SERVERS], ids=str)
async def test_server_has_no_tls(checker: Checker, server: dict[str, Any]) -> None:
    with MiniBroker(**server) as broker:
        found = await checker.check(broker, timeout=timeout_for(server))
        assert found == (Problem.NO_TLS, PORT_PASSED)


@pytest.mark.parametrize(
    ("certificate", "settings", "problem"),
    [
        ("ecdsa", {"minimum_version": TLS_1_2}, Problem.NOT_RSA),
        ("ecdsa", {"minimum_version": TLS_1_3}, Problem.NOT_RSA),
        ("rsa", {"minimum_version": TLS_1_3}, Problem.TLS_TOO_NEW),
        ("rsa", MUTUAL | {"maximum_version": TLS_1_2}, Problem.CLIENT_CERTIFICATE),
        ("rsa", MUTUAL | {"maximum_version": TLS_1_3}, Problem.CLIENT_CERTIFICATE),
    ],
    ids=str,
)
async def test_plugs_cannot_use_the_tls(
    checker: Checker,
    request: pytest.FixtureRequest,
    certificate: str,
    settings: dict[str, Any],
    problem: Problem,
) -> None:
    context = tls(request.getfixturevalue(certificate), **settings)
    with MiniBroker(context) as broker:
        assert await checker.check(broker) == (problem, PORT_PASSED)


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        *((server, Problem.NO_MQTT) for server in OTHER_SERVERS),
        ({"connack": 1}, Problem.MQTT_REFUSED),
        ({"connack": 2}, Problem.MQTT_REFUSED),
        ({"connack": 4}, Problem.LOGIN_REFUSED),
        ({"connack": 5}, Problem.LOGIN_REFUSED),
        ({"suback": 0x80}, Problem.MAY_NOT_SUBSCRIBE),
        # Brokers report nothing of what their access control lists forbid.
        ({"delivers": False}, Problem.MAY_NOT_SUBSCRIBE),
        ({"forwards": False}, Problem.MAY_NOT_PUBLISH),
        ({"delivers": False, "forwards": False}, Problem.OTHER_BROKER),
    ],
    ids=str,
)
async def test_plugs_cannot_use_the_broker(
    checker: Checker, rsa: Certificate, server: dict[str, Any], problem: Problem
) -> None:
    with MiniBroker(tls(rsa), **server) as broker:
        found = await checker.check(broker, timeout=timeout_for(server))
        assert found == (problem, TLS_PASSED)
        is_subscribed = broker.topics == [REQUEST_TOPIC] and broker.suback == 1
        assert bool(broker.published) == is_subscribed


@pytest.mark.parametrize(
    "packets",
    [
        *({"raw_suback": body} for body in (b"", b"\0", b"\0\1", b"\0\1\x55")),
        # PUBLISH: empty, with a longer topic than packet, and one that is no text.
        *({"raw_packet": raw} for raw in (b"0\0", b"0\2\xff\xff", b"0\4\0\2\xff\xff")),
        # A packet of no kind, and a length without end.
        *(
            {"raw_packet": raw}
            for raw in (b"\0\0", b"\xf0\0", b"0\xff\xff\xff\xff\xff")
        ),
    ],
    ids=str,
)
async def test_malformed_packets_end_the_check_quietly(
    checker: Checker,
    rsa: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    packets: dict[str, Any],
) -> None:
    uncaught = Mock()
    monkeypatch.setattr(threading, "excepthook", uncaught)
    with MiniBroker(tls(rsa), **packets) as broker:
        problem, _ = await checker.check(broker, timeout=0.4)
    assert problem in {None, *Problem}
    uncaught.assert_not_called()
    # A busy machine is slow, which asyncio warns of.
    warnings = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert {record.name for record in warnings} <= {"asyncio"}


@pytest.mark.parametrize(
    ("handshakes", "problem"), [(0, Problem.NO_TLS), (1, Problem.NO_MQTT)]
)
async def test_tls_that_stalls_ends_within_the_time_of_a_step(
    checker: Checker, rsa: Certificate, handshakes: int, problem: Problem
) -> None:
    """The first connection is that of the check of the port."""
    started = time.monotonic()
    with MiniBroker(tls(rsa), stalls_after=1 + handshakes) as broker:
        assert (await checker.check(broker, timeout=1))[0] is problem
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        ("_async_check_port", Problem.UNREACHABLE),
        ("_async_check_tls", Problem.NO_TLS),
        ("_async_check_mqtt", Problem.NO_MQTT),
    ],
)
async def test_unexpected_error_is_a_problem_of_its_step(
    checker: Checker,
    rsa: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    problem: Problem,
) -> None:
    monkeypatch.setattr(check, function, AsyncMock(side_effect=ValueError("\0")))
    with MiniBroker(tls(rsa)) as broker:
        assert (await checker.check(broker))[0] is problem


def test_key_is_found_in_a_certificate_that_only_openssl_reads(
    rsa: Certificate, ecdsa: Certificate
) -> None:
    """Its version, serial number or dates may be impossible."""
    for certificate, has_rsa in ((rsa, True), (ecdsa, False)):
        der = ssl.PEM_cert_to_DER_cert(certificate.certificate.read_text())
        version_5 = der.replace(b"\xa0\3\2\1\2", b"\xa0\3\2\1\4", 1)
        assert version_5 != der
        assert has_rsa_key(der) is has_rsa_key(version_5) is has_rsa


@pytest.mark.parametrize(
    ("function", "effect"), [("start", ConnectionRefusedError), ("_on_subscribe", None)]
)
async def test_broker_fails_at_the_login_or_after_it(
    checker: Checker,
    rsa: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    effect: type[Exception] | None,
) -> None:
    monkeypatch.setattr(ProbeClient, function, Mock(side_effect=effect))
    with MiniBroker(tls(rsa)) as broker:
        found = await checker.check(broker, timeout=0.4)
        assert found == (Problem.NO_MQTT, TLS_PASSED)


async def test_first_response_to_a_subscription_counts(
    checker: Checker, rsa: Certificate
) -> None:
    with MiniBroker(tls(rsa), raw_packet=b"\x90\3\0\1\x80") as broker:
        assert (await checker.check(broker))[0] is None


async def test_cancelled_check_leaves_nothing(
    checker: Checker, rsa: Certificate
) -> None:
    with MiniBroker(tls(rsa), forwards=False, delivers=False) as broker:
        subscribed = asyncio.Event()
        broker.on_subscribe = setter_of(subscribed)
        task = asyncio.create_task(checker.check(broker))
        await subscribed.wait()
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
