"""Payloads about a plug, in the shape of its generation (docs/protocol.md 4)."""

from collections.abc import Iterable

from . import namespaces
from .device import Device
from .relays import Relay
from .wire import Payload

ALL_CHANNELS = 65535
_NO_CHANNEL = 4294967295
_LIST_SINCE = 7  # GETACK of ToggleX is a list (docs/protocol.md 4.3)


def system_all(device: Device) -> Payload:
    """System.All: state under control on 1.x, under digest since.

    docs/protocol.md 4.1
    """
    system = {
        "hardware": hardware(device),
        "firmware": firmware(device),
        "time": time(device),
        "online": online(device),
    }
    model = device.model
    if namespaces.TOGGLE in model.ability:
        control = {**toggle(device), "trigger": [], "timer": []}
        return {"all": {"system": system, "control": control}}
    digest: Payload = {**model.digest}
    if namespaces.TOGGLE_X in model.ability:
        digest["togglex"] = relay_list(device.relays.all)
    if not model.is_modern:
        digest |= {"triggerx": [], "timerx": []}
    return {"all": {"system": system, "digest": digest}}


def ability(device: Device) -> Payload:
    """System.Ability."""
    return {"payloadVersion": 1, "ability": device.model.ability}


def bind(device: Device) -> Payload:
    """Control.Bind: the plug's description (docs/protocol.md 3.2)."""
    return {
        "bind": {
            "bindTime": device.clock.timestamp,
            "time": time(device),
            "hardware": hardware(device),
            "firmware": firmware(device),
        }
    }


def hardware(device: Device) -> Payload:
    """Describe the hardware."""
    model = device.model
    return {
        "type": model.type,
        "subType": model.sub_type,
        "version": model.hardware,
        "chipType": model.chip,
        "uuid": device.identity.uuid,
        "macAddress": device.identity.mac,
    }


def firmware(device: Device) -> Payload:
    """Describe the firmware and the broker that it uses."""
    model = device.model
    gateway = device.gateway
    second = {
        "secondServer": gateway.second_host,
        "secondPort": gateway.second_port,
    }
    return {
        "version": device.firmware,
        "compileTime": model.compiled,
        **({"encrypt": 1} if model.is_modern else {}),
        "wifiMac": "02:00:5e:00:53:01",
        "innerIp": "192.0.2." + str(int(device.identity.mac[-2:], 16)),
        "server": gateway.host,
        "port": gateway.port,
        # Newer traces name one broker; Config.Key writes two (docs/protocol.md 4.1).
        **(second if model.generation == 1 or device.has_own_gateway else {}),
        "userId": device.identity.user_id,
    }


def time(device: Device) -> Payload:
    """Describe the time and the rules of its zone."""
    return {
        "timestamp": device.clock.timestamp,
        "timezone": device.timezone,
        "timeRule": device.time_rule,
    }


def online(device: Device) -> Payload:
    """Describe that it is online; newer firmware adds its account."""
    if device.model.is_modern:
        return {"status": 1, "bindId": "ibg9bS2LxStM3zo7", "who": 1}
    return {"status": 1}


def report(device: Device) -> Payload:
    """System.Report; its value is not the relay's state (docs/protocol.md 3.5)."""
    entry = {"type": "1", "value": "0", "timestamp": device.clock.timestamp}
    return {"report": [entry]}


def clock(device: Device) -> Payload:
    """System.Clock."""
    return {"clock": {"timestamp": device.clock.timestamp}}


def relay_push(device: Device, relays: Iterable[Relay]) -> Payload:
    """Describe what was switched: a list in ToggleX, an object in Toggle."""
    if device.model.toggle == namespaces.TOGGLE:
        return toggle(device)
    return {"togglex": relay_list(relays)}


def toggle(device: Device) -> Payload:
    """Control.Toggle, which has no channel (docs/protocol.md 4.4)."""
    relay = device.relays.all[0]
    return {"toggle": {"onoff": relay.onoff, "lmTime": relay.changed}}


def togglex(device: Device, channel: int) -> Payload:
    """GETACK of ToggleX: an object on 2.x, a list since 7.x (docs/protocol.md 4.3)."""
    relays = device.relays.all
    if device.model.generation >= _LIST_SINCE:
        return {"channel": _NO_CHANNEL, "togglex": relay_list(relays)}
    if channel != ALL_CHANNELS:
        return {"channel": channel, "togglex": _relay(relays[channel])}
    if len(relays) > 1:
        return {"channel": ALL_CHANNELS, "togglex": relay_list(relays)}
    return {"channel": 0, "togglex": _relay(relays[0])}


def relay_list(relays: Iterable[Relay]) -> list[Payload]:
    """List channels."""
    return [_relay(relay) for relay in relays]


def electricity(device: Device) -> Payload:
    """Control.Electricity: all zero until the clock is set (docs/protocol.md 4.5)."""
    meter = device.meter
    on = device.relays.all[0].onoff and device.clock.is_set
    power = meter.power(device.clock.timestamp) if on else 0
    reading: Payload = {
        "channel": 0,
        "current": round(power * 10 / meter.voltage) if power else 0,
        "voltage": meter.voltage if device.clock.is_set else 0,
        "power": power,
    }
    return {"electricity": {**reading, **consumption_config(device)}}


def electricity_x(device: Device) -> Payload:
    """Control.ElectricityX: a list, with millivolts (docs/protocol.md 4.5)."""
    entry = electricity(device)["electricity"]
    reading = {name: entry[name] for name in ("channel", "current", "power")}
    return {"electricity": [{**reading, "voltage": entry["voltage"] * 100}]}


def consumption_x(device: Device) -> Payload:
    """Control.ConsumptionX: energy by day."""
    return {"consumptionx": device.measure().days()}


def consumption_config(device: Device) -> Payload:
    """Control.ConsumptionConfig: the calibration."""
    return {"config": device.model.calibration or {}}


def over_temp(device: Device) -> Payload:
    """Config.OverTemp: the overheat protection (docs/protocol.md 4.7)."""
    return {"overTemp": {"enable": device.overheat_protection, "type": 1}}


def runtime(device: Device) -> Payload:
    """System.Runtime: Wi-Fi signal in percent."""
    network = {"ssid": "home"} if device.model.is_modern else {}
    return {"runtime": {"signal": device.signal, **network}}


def _relay(relay: Relay) -> Payload:
    return {"channel": relay.channel, "onoff": relay.onoff, "lmTime": relay.changed}
