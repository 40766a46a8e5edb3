"""What is wrong with a broker is found, by real connections in real time."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
import re
import socket
import ssl
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

from custom_components.meross_local import broker_check
from custom_components.meross_local.broker_check import Problem, async_check_broker
from custom_components.meross_local.meross.credentials import Credentials
from custom_components.meross_local.meross.topics import PUBLISH_FILTER
from custom_components.meross_local.broker_check.probe_client import ProbeClient
from custom_components.meross_local.transport.mqtt import QOS
from tests.harness.certificates import Certificate, make_certificate
from tests.simulator.wire import decode

from .real_broker import RealBroker

HOST = "127.0.0.1"
UUID = "2111185763029415h03348e1e9d1459b"
MAC = "48:e1:e9:d1:45:9b"
CREDENTIALS = Credentials(UUID_PATTERN, MAC, "own", 7)
SAYS, HEARS = f"/appliance/{UUID}/publish", f"/appliance/{UUID}/subscribe"

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(scope="module")
def rsa(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Return a certificate that plugs take."""
    return make_certificate(tmp_path_factory.mktemp("rsa"))


@pytest.fixture(scope="module")
def ecdsa(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Return one that they do not take."""
    return make_certificate(tmp_path_factory.mktemp("ecdsa"), "ecdsa")


def tls(certificate: Certificate, **settings: Any) -> ssl.SSLContext:  # noqa: ANN401
    """Return the TLS of a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    for name, value in settings.items():
        setattr(context, name, value)
    return context


@dataclass
class Here:
    """Home Assistant and its MQTT connection."""

    hass: HomeAssistant
    client: MqttMockHAClient
    paho: MqttMockPahoClient
    end_hearing: CALLBACK_TYPE

    async def check(
        self, broker: RealBroker, host: str = HOST
    ) -> tuple[Problem | None, list[float]]:
        """Return what is found, and how far the check came."""

        def hear(topic: str, payload: bytes) -> None:
            self.hass.loop.call_soon_threadsafe(
                async_fire_mqtt_message, self.hass, topic, payload, 1
            )

        def publish(topic: str, payload: bytes, *rest: Any) -> object:  # noqa: ANN401
            broker.tell(topic, payload)
            return published(topic, payload, *rest)

        published = self.paho.publish.side_effect
        self.paho.publish.side_effect = publish
        broker.hear = hear
        steps: list[float] = []
        found = await async_check_broker(
            self.hass, host, broker.port, CREDENTIALS, steps.append
        )
        return found, steps


@pytest.fixture
async def here(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    mqtt_client_mock: MqttMockPahoClient,
) -> AsyncGenerator[Here]:
    """Give Home Assistant, which hears plugs as it does with a hub."""
    end_hearing = await mqtt.async_subscribe(
        hass, PUBLISH_FILTER, lambda _: None, QOS, encoding=None
    )
    # It would wait for more to come.
    debouncer = mqtt_mock.return_value._subscribe_debouncer
    debouncer.set_timeout(0)
    debouncer._next_execute_time = 0
    await debouncer.async_execute()
    yield Here(hass, mqtt_mock, mqtt_client_mock, end_hearing)
    # What the mock leaves running (ecosystem.md 4.1).
    gone = Mock(fileno=Mock(return_value=-1))
    mqtt_client_mock.on_socket_close(mqtt_client_mock, None, gone)


def in_loop(event: asyncio.Event) -> Callable[[], None]:
    """Return what sets the event from another thread."""
    loop = asyncio.get_running_loop()

    def tell() -> None:
        loop.call_soon_threadsafe(event.set)

    return tell


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing long."""
    monkeypatch.setattr(broker_check, "_PATIENCE", 0.4)


hasty = pytest.mark.usefixtures("_hasty")


async def test_a_broker_that_is_fine(here: Here, rsa: Certificate) -> None:
    with RealBroker(tls(rsa)) as broker:
        assert await here.check(broker) == (None, [1 / 3, 2 / 3, 1])
        (login,) = broker.logins
        assert (login.protocol, login.level) == ("MQIsdp", 3)
        assert re.fullmatch(f"fmware:{UUID}_[0-9A-Za-z]{{16}}", login.client_id)
        assert (login.user, login.password) == (MAC, CREDENTIALS.password)
        assert broker.topics == [HEARS]
        assert [topic for topic, _ in broker.said] == [SAYS]
    # Home Assistant hears as before.
    assert not here.paho.unsubscribe.called


async def test_a_plug_that_hears_the_check_too_is_told_the_time(
    here: Here, rsa: Certificate
) -> None:
    with RealBroker(tls(rsa)) as broker:
        assert (await here.check(broker))[0] is None
    (told,) = [
        call.args for call in here.paho.publish.call_args_list if call.args[0] == HEARS
    ]
    message = decode(told[1])
    assert message is not None
    assert (message.method, message.namespace) == ("PUSH", "Appliance.System.Clock")
    assert message.payload == {"clock": {"timestamp": message.timestamp}}
    assert message.is_signed_with("own")
    # Not retained.
    assert not told[3]


async def test_what_others_say_meanwhile_is_not_taken_for_an_answer(
    here: Here, rsa: Certificate
) -> None:
    chatter = [(SAYS, b"no word of ours"), (f"/appliance/{'0' * 32}/publish", b"{}")]
    with RealBroker(tls(rsa), chatter=chatter) as broker:
        broker.subscribed = lambda: broker.tell(HEARS, b"to the plug")
        assert (await here.check(broker))[0] is None


async def test_it_is_heard_as_text_too(here: Here, rsa: Certificate) -> None:
    """As where a subscription of Home Assistant's own wants the same as text."""

    async def as_text(*args: Any, **_: Any) -> CALLBACK_TYPE:  # noqa: ANN401
        return await subscribe(*args)

    subscribe = mqtt.async_subscribe
    with RealBroker(tls(rsa)) as broker, patch.object(mqtt, "async_subscribe", as_text):
        assert (await here.check(broker))[0] is None


# Home Assistant.


async def test_home_assistant_is_not_connected(here: Here, rsa: Certificate) -> None:
    here.client.connected = False
    with RealBroker(tls(rsa)) as broker:
        assert await here.check(broker) == (Problem.NOT_CONNECTED, [])
        assert not broker.logins


@hasty
@pytest.mark.parametrize("when", ["before", "subscribing", "sending"])
async def test_home_assistant_is_disconnected_meanwhile(
    here: Here, rsa: Certificate, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    with RealBroker(tls(rsa)) as broker:
        failing = AsyncMock(side_effect=HomeAssistantError("not connected"))
        if when == "before":
            monkeypatch.setattr(mqtt, "async_subscribe", failing)
        elif when == "subscribing":
            here.end_hearing()
            here.paho.subscribe.side_effect = lambda *_, **__: (0, 10_000)
        else:
            monkeypatch.setattr(mqtt, "async_publish", failing)
        found, steps = await here.check(broker)
    assert found is Problem.NOT_CONNECTED
    assert steps == [1 / 3, 2 / 3]


# The port.


async def test_a_name_that_nobody_knows(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = await here.check(RealBroker(port=8883), "nowhere.invalid")
    assert found == (Problem.HOST_UNKNOWN, [])


async def test_a_name_that_nobody_can_have(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def encode(host: str, *_: object, **__: object) -> None:
        host.encode("idna")

    monkeypatch.setattr(socket, "getaddrinfo", encode)
    found = await here.check(RealBroker(port=8883), "a" * 70)
    assert found == (Problem.HOST_UNKNOWN, [])


async def test_a_port_where_nothing_answers(here: Here) -> None:
    with RealBroker() as broker:
        pass
    assert await here.check(broker) == (Problem.UNREACHABLE, [])


# TLS.


@hasty
@pytest.mark.parametrize(
    "server",
    [
        {},
        {"greeting": b""},
        {"greeting": b"HTTP/1.1 400 Bad Request\r\n\r\n"},
        {"is_mute": True},
    ],
    ids=str,
)
async def test_a_port_without_tls(here: Here, server: dict[str, Any]) -> None:
    """An MQTT broker, a server that hangs up, one that talks and one that does not."""
    with RealBroker(**server) as broker:
        assert await here.check(broker) == (Problem.NO_TLS, [1 / 3])


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str
)
async def test_a_certificate_without_an_rsa_key(
    here: Here, ecdsa: Certificate, version: ssl.TLSVersion
) -> None:
    with RealBroker(tls(ecdsa, minimum_version=version)) as broker:
        assert await here.check(broker) == (Problem.NOT_RSA, [1 / 3])


async def test_a_broker_that_insists_on_tls_13(here: Here, rsa: Certificate) -> None:
    context = tls(rsa, minimum_version=ssl.TLSVersion.TLSv1_3)
    with RealBroker(context) as broker:
        assert await here.check(broker) == (Problem.TLS_TOO_NEW, [1 / 3])


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str
)
async def test_a_broker_that_wants_a_certificate(
    here: Here, rsa: Certificate, version: ssl.TLSVersion
) -> None:
    context = tls(rsa, maximum_version=version, verify_mode=ssl.CERT_REQUIRED)
    context.load_verify_locations(rsa.certificate)
    with RealBroker(context) as broker:
        assert await here.check(broker) == (Problem.CLIENT_CERTIFICATE, [1 / 3])


# MQTT.


@hasty
@pytest.mark.parametrize(
    "server",
    [
        {"greeting": b""},
        {"greeting": b"HTTP/1.1 400 Bad Request\r\n\r\n"},
        {"is_mute": True},
    ],
    ids=str,
)
async def test_a_server_with_tls_that_is_no_broker(
    here: Here, rsa: Certificate, server: dict[str, Any]
) -> None:
    with RealBroker(tls(rsa), **server) as broker:
        assert await here.check(broker) == (Problem.NO_MQTT, [1 / 3, 2 / 3])


async def test_a_broker_that_is_gone_before_the_login(
    here: Here, rsa: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RealBroker(tls(rsa)) as broker:

        def refuse(*_: object) -> None:
            raise ConnectionRefusedError

        monkeypatch.setattr(ProbeClient, "start", refuse)
        assert await here.check(broker) == (Problem.NO_MQTT, [1 / 3, 2 / 3])


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (1, Problem.MQTT_REFUSED),
        (2, Problem.MQTT_REFUSED),
        (4, Problem.LOGIN_REFUSED),
        (5, Problem.LOGIN_REFUSED),
    ],
)
async def test_a_broker_that_refuses(
    here: Here, rsa: Certificate, code: int, problem: Problem
) -> None:
    with RealBroker(tls(rsa), connack=code) as broker:
        assert await here.check(broker) == (problem, [1 / 3, 2 / 3])


@pytest.mark.usefixtures("here")
async def test_a_broker_that_is_asked_again_has_said_it_already(
    rsa: Certificate,
) -> None:
    """A client that was refused tries again by itself: the first word counts."""
    loop = asyncio.get_running_loop()
    again = asyncio.Event()
    with RealBroker(tls(rsa), connack=5) as broker:
        stand_in = ProbeClient(loop, CREDENTIALS)
        await loop.run_in_executor(None, stand_in.start, HOST, broker.port)
        try:
            async with asyncio.timeout(5):
                assert (await stand_in.connected).value == 0x87
                broker.connack = 1
                broker.connected = in_loop(again)
                await again.wait()
        finally:
            await loop.run_in_executor(None, stand_in.stop)
        assert stand_in.connected.result().value == 0x87


# Topics.


async def test_a_plug_that_may_not_subscribe(here: Here, rsa: Certificate) -> None:
    with RealBroker(tls(rsa), suback=0x80) as broker:
        found, steps = await here.check(broker)
        assert (found, steps) == (Problem.MAY_NOT_SUBSCRIBE, [1 / 3, 2 / 3])
        assert not broker.said


@hasty
@pytest.mark.parametrize(
    ("delivers", "forwards", "problem"),
    [
        (False, True, Problem.MAY_NOT_SUBSCRIBE),
        (True, False, Problem.MAY_NOT_PUBLISH),
        (False, False, Problem.OTHER_BROKER),
    ],
)
async def test_messages_that_do_not_arrive(
    here: Here,
    rsa: Certificate,
    delivers: bool,  # noqa: FBT001
    forwards: bool,  # noqa: FBT001
    problem: Problem,
) -> None:
    """Brokers say nothing of what their access control list holds back."""
    server = RealBroker(tls(rsa), delivers=delivers, forwards=forwards)
    with server as broker:
        assert await here.check(broker) == (problem, [1 / 3, 2 / 3])


@hasty
async def test_a_broker_that_falls_silent_after_the_login(
    here: Here, rsa: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RealBroker(tls(rsa)) as broker:
        monkeypatch.setattr(ProbeClient, "_on_subscribe", Mock())
        assert await here.check(broker) == (Problem.NO_MQTT, [1 / 3, 2 / 3])


async def test_a_check_that_is_given_up_leaves_nothing(
    here: Here, rsa: Certificate
) -> None:
    with RealBroker(tls(rsa), forwards=False, delivers=False) as broker:
        subscribed = asyncio.Event()
        broker.subscribed = in_loop(subscribed)
        task = asyncio.create_task(here.check(broker))
        await subscribed.wait()
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
