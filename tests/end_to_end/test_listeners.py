"""Plugs connect to mosquitto's listeners that suit them, and to no others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
import pytest

from tests.simulator import Fleet, Gateway, SimulatedPlug
from tests.support.processes import listeners
from tests.support.processes.listeners import Listener
from tests.support.processes.mosquitto import Mosquitto

from .environment import until

type Make = Callable[[Path], Listener]


def plug_of(listener: Listener) -> SimulatedPlug:
    """Make a plug that is to connect to a listener."""
    gateway = Gateway.twice("127.0.0.1", listener.port)
    return SimulatedPlug(
        "mss310", gateway=gateway, key="k", reconnect_delay=0.05, clock_interval=0.1
    )


@contextmanager
def observe(port: int) -> Iterator[tuple[paho.Client, list[str]]]:
    """Connect another client without TLS; yield it and the topics of the plugs."""
    topics: list[str] = []
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_connect = lambda client, *_: client.subscribe("/appliance/#")
    client.on_message = lambda *args: topics.append(args[2].topic)
    client.connect("127.0.0.1", port)
    client.loop_start()
    yield client, topics
    client.disconnect()
    client.loop_stop()


def with_login(folder: Path, key: str = "k") -> Listener:
    """Return a listener with the login that the plug has with a key."""
    identity = SimulatedPlug("mss310").device.identity
    logins = {identity.mac: identity.password(key)}
    return listeners.right_with_logins(folder, logins)


@pytest.mark.parametrize(
    ("make", "receives", "publishes"),
    [
        (listeners.right, True, True),
        (with_login, True, True),
        (listeners.read_denied, False, True),
        (listeners.write_denied, True, False),
    ],
)
async def test_a_plug_connects(
    tmp_path: Path, make: Make, receives: object, publishes: object
) -> None:
    listener = make(tmp_path / "files")
    plug = plug_of(listener)
    topics = plug.device.identity
    async with Mosquitto(tmp_path, listeners=[listener]) as mosquitto:
        with observe(mosquitto.port) as (client, observed), Fleet() as fleet:
            log = mosquitto.process.log_lines
            await until(lambda: any("/appliance/#" in line for line in log()))
            fleet.add(plug)
            await until(lambda: plug.is_connected)
            # Plugs ignore it.
            client.publish(topics.request_topic, b"{}")
            # With its third Clock, the broker has handled the first.
            await until(lambda: observed)
            await until(lambda: len(plug.outbox) > 2)
    assert bool(plug.inbox) is receives
    assert (topics.publish_topic in observed) is publishes


@pytest.mark.parametrize(
    ("make", "logged"),
    [
        (listeners.ecdsa, "no shared cipher"),
        (listeners.tls_13_only, "unsupported protocol"),
        (lambda _: listeners.without_tls(), "rotocol error"),
        (listeners.client_certificate_wanted, "did not return a certificate"),
        (listeners.login_missing, "not authorised"),
        (lambda folder: with_login(folder, "another key"), "not authorised"),
    ],
)
async def test_a_plug_cannot_connect(tmp_path: Path, make: Make, logged: str) -> None:
    listener = make(tmp_path / "files")
    plug = plug_of(listener)
    async with Mosquitto(tmp_path, listeners=[listener]) as mosquitto:
        with Fleet() as fleet:
            fleet.add(plug)
            log = mosquitto.process.log_lines
            await until(lambda: any(logged in line for line in log()))
        assert plug.connections == 0
