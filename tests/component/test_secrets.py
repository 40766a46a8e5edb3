"""What is secret is in no line of the log, at any level."""

import logging

import pytest

from tests.simulator import CLOUD, SimulatedPlug
from tests.simulator.namespaces import BIND, REPORT
from tests.simulator.payloads import bind
from tests.support.entities import entity_id_of, turn_on
from tests.support.entries import set_up
from tests.support.flows import start_add_plug
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt import MqttBroker
from tests.support.network import ADDRESS, BROKER_INPUT, BrokerCheck, LocalNetwork

HUB_KEY, PLUG_KEY, WIFI_KEY = "key-of-the-hub", "key-of-the-plug", "key-of-the-cloud"
NETWORK, PASSWORD = "The Smiths", "correct horse battery"
OURS = "custom_components.meross_local"


async def test_debug_log_holds_no_secret(
    broker: MqttBroker,
    network: LocalNetwork,
    broker_check: BrokerCheck,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, OURS)
    plug, locked = SimulatedPlug("mss310", 1), SimulatedPlug("mss210", 2, key=PLUG_KEY)
    moved = SimulatedPlug("mss305", 3, key=WIFI_KEY, gateway=CLOUD)
    entry = await set_up(broker, plug, locked, key=HUB_KEY)
    entry.runtime_data.async_try_key(PLUG_KEY)
    await broker.advance(5)
    wifi = {"wifi": {"ssid": NETWORK, "password": PASSWORD}}
    sent = [
        build_message(plug, REPORT, "PUSH", wifi),
        build_message(plug, REPORT, "PUSH", wifi, key="forged"),
        build_message(plug, "Appliance.Config.Wifi", "GET", wifi),
        build_message(plug, BIND, "SET", {"bind": wifi}),
        build_message(plug, BIND, "SET", bind(plug.device), key="forged"),
        build_toggle(locked, 1, key="another"),
    ]
    for message in sent:
        broker.publish_as(plug, message)
        broker.publish_as(locked, message)
    await turn_on(broker, entity_id_of(locked))
    network.connect(moved)
    flow = await start_add_plug(broker, entry, "on_wifi")
    await flow.submit(address=ADDRESS)
    await flow.submit(key=WIFI_KEY)
    await flow.submit(**BROKER_INPUT)
    await flow.wait(8)
    lines = [one.getMessage() for one in caplog.records if one.name.startswith(OURS)]
    assert len(lines) > 5
    passwords = [credentials.password for *_, credentials in broker_check.calls]
    messages = [one.message for one in plug.inbox] + [
        one.message for one in plug.outbox
    ]
    signatures = [message.signature for message in messages if message]
    assert passwords
    assert signatures
    secrets = [HUB_KEY, PLUG_KEY, WIFI_KEY, NETWORK, PASSWORD, *passwords, *signatures]
    text = "\n".join(lines)
    assert not [secret for secret in secrets if secret in text]
