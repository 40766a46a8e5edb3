"""A plug that was told of a broker, at listeners of mosquitto that are right or not."""

from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
import pytest

from tests.harness import listeners
from tests.harness.listeners import Listener
from tests.harness.mosquitto import Mosquitto
from tests.simulator import Fleet, Gateway, SimulatedPlug

from .house import until

type Make = Callable[[Path], Listener]


def uuid_from_topic(listener: Listener) -> SimulatedPlug:
    """Make a plug that was told of a listener."""
    gateway = Gateway.twice("127.0.0.1", listener.port)
    return SimulatedPlug(
        "mss310", gateway=gateway, key="k", reconnect_delay=0.05, clock_interval=0.1
    )


class Watcher:
    """Somebody else at the broker, at its plain port."""

    def __init__(self, port: int) -> None:
        """Listen to all plugs."""
        self.heard: list[str] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self.is_listening = False
        self._client.on_connect = lambda client, *_: client.subscribe("/appliance/#")
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = lambda *words: self.heard.append(words[2].topic)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _on_subscribe(self, *_: object) -> None:
        self.is_listening = True

    def say(self, topic: str) -> None:
        """Say something that no plug understands."""
        self._client.publish(topic, b"{}")

    def stop(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()


def with_logins(folder: Path) -> Listener:
    names = SimulatedPlug("mss310").device.identity
    return listeners.right_with_logins(folder, {names.mac: names.password("k")})


def of_another(folder: Path) -> Listener:
    names = SimulatedPlug("mss310").device.identity
    return listeners.right_with_logins(folder, {names.mac: names.password("other")})


@pytest.mark.parametrize(
    ("make", "hears", "speaks"),
    [
        (listeners.right, True, True),
        (with_logins, True, True),
        (listeners.no_hearing, False, True),
        (listeners.no_speaking, True, False),
    ],
)
async def test_takes_a_plug(
    tmp_path: Path, make: Make, hears: object, speaks: object
) -> None:
    listener = make(tmp_path / "files")
    plug = uuid_from_topic(listener)
    topics = plug.device.identity
    async with Mosquitto(tmp_path, listeners=[listener]) as mosquitto:
        watcher = Watcher(mosquitto.port)
        await until(lambda: watcher.is_listening)
        with Fleet() as fleet:
            fleet.add(plug)
            await until(lambda: plug.is_connected)
            watcher.say(topics.request_topic)
            # By its next Clock, all of the first ways have been gone.
            await until(lambda: watcher.heard)
            await until(lambda: len(plug.outbox) > 2)
        watcher.stop()
    assert bool(plug.inbox) is hears
    assert (topics.publish_topic in watcher.heard) is speaks


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (listeners.ecdsa, "no shared cipher"),
        (listeners.tls_13_only, "unsupported protocol"),
        (lambda _: listeners.without_tls(), "rotocol error"),
        (listeners.client_certificate_wanted, "did not return a certificate"),
        (listeners.login_missing, "not authorised"),
        (of_another, "not authorised"),
    ],
)
async def test_does_not_take_a_plug(tmp_path: Path, make: Make, complaint: str) -> None:
    listener = make(tmp_path / "files")
    plug = uuid_from_topic(listener)
    async with Mosquitto(tmp_path, listeners=[listener]) as mosquitto:
        with Fleet() as fleet:
            fleet.add(plug)
            log = mosquitto.process.log_lines
            await until(lambda: any(complaint in line for line in log()))
        assert plug.connections == 0
