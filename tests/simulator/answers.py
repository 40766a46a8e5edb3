"""What a plug answers to a GET or SET, and what it does first (protocol.md 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import namespaces, payloads
from .device import Device
from .gateway import Written, read_key
from .wire import Message, Payload


@dataclass(frozen=True, slots=True)
class Switched:
    """A relay was switched, and this is the PUSH about it."""

    channel: int
    onoff: int
    push: Payload


@dataclass(frozen=True, slots=True)
class Answer:
    """The payload of the acknowledgement, and what else comes of the request."""

    payload: Payload
    switched: Switched | None = None
    written: Written | None = None


type Act = Callable[[Payload], Answer]


class RefusedError(Exception):
    """The plug answers with ERROR."""

    def __init__(self, code: int, detail: str | None = None) -> None:
        """Refuse with a code; 5000 comes without a detail (protocol.md 2.1)."""
        super().__init__(code)
        self.payload: Payload = {"error": {"code": code}}
        if detail is not None:
            self.payload["error"]["detail"] = detail


def answer(device: Device, request: Message) -> Answer:
    """Obey a request of a namespace that the plug lists."""
    if request.method == "GET" and (get := _GETS.get(request.namespace)):
        return Answer(get(device, request.payload))
    if request.method == "SET" and (act := _SETS.get(request.namespace)):
        return act(device, request.payload)
    raise RefusedError(_NOT_UNDERSTOOD)


def switch(device: Device, channel: int, onoff: int) -> Switched:
    """Switch a relay, whoever wants it."""
    device.measure()
    relays = device.relays.switch(channel, onoff, device.clock.timestamp)
    return Switched(channel, onoff, payloads.relay_push(device, relays))


_NOT_UNDERSTOOD = 5000
_KEY_NEEDED_SINCE = 7

type _Get = Callable[[Device, Payload], Payload]
type _Set = Callable[[Device, Payload], Answer]


def _always(shape: Callable[[Device], Payload]) -> _Get:
    """Answer the same whatever the request's payload."""
    return lambda device, _: shape(device)


def _get_togglex(device: Device, payload: Payload) -> Payload:
    """Accept [], {}, a channel and 65535 (protocol.md 4.3)."""
    wanted = payload.get("togglex")
    channel = wanted.get("channel") if isinstance(wanted, dict) else None
    if channel is None or channel == payloads.ALL_CHANNELS:
        return payloads.togglex(device, payloads.ALL_CHANNELS)
    if channel not in device.relays:
        raise RefusedError(_NOT_UNDERSTOOD)
    return payloads.togglex(device, channel)


def _set_togglex(device: Device, payload: Payload) -> Answer:
    """Accept the one form that is evidenced: an object (protocol.md 4.3)."""
    wanted = payload.get("togglex")
    if not isinstance(wanted, dict) or wanted.get("channel") not in device.relays:
        raise RefusedError(_NOT_UNDERSTOOD)
    switched = switch(device, wanted["channel"], _bit(wanted.get("onoff")))
    return Answer({}, switched)


def _set_toggle(device: Device, payload: Payload) -> Answer:
    """Accept a toggle, whatever stands beside it (protocol.md 4.4)."""
    wanted = payload.get("toggle")
    if not isinstance(wanted, dict):
        raise RefusedError(_NOT_UNDERSTOOD)
    return Answer({}, switch(device, 0, _bit(wanted.get("onoff"))))


def _set_dnd_mode(device: Device, payload: Payload) -> Answer:
    wanted = payload.get("DNDMode")
    if not isinstance(wanted, dict):
        raise RefusedError(_NOT_UNDERSTOOD)
    device.dnd_mode = _bit(wanted.get("mode"))
    return Answer({})


def _set_key(device: Device, payload: Payload) -> Answer:
    """Take another broker and key; newer firmware wants one (bytespider#65)."""
    written = read_key(payload)
    if written is None or (
        not written.key and device.model.generation >= _KEY_NEEDED_SINCE
    ):
        raise RefusedError(_NOT_UNDERSTOOD)
    return Answer({}, written=written)


def _set_over_temp(device: Device, payload: Payload) -> Answer:
    """Take 1 for on and 2 for off; nothing is pushed about it."""
    wanted = payload.get("overTemp")
    enable = wanted.get("enable") if isinstance(wanted, dict) else None
    if type(enable) is not int or enable not in (1, 2):
        raise RefusedError(_NOT_UNDERSTOOD)
    device.overheat_protection = enable
    return Answer({})


def _set_time(device: Device, payload: Payload) -> Answer:
    """Take a zone and its rules, with or without the time (protocol.md 4.7)."""
    wanted = payload.get("time")
    if not isinstance(wanted, dict):
        raise RefusedError(_NOT_UNDERSTOOD)
    zone = wanted.get("timezone", device.timezone)
    rules = wanted.get("timeRule", device.time_rule)
    timestamp = wanted.get("timestamp")
    if not isinstance(zone, str) or not _are_rules(rules):
        raise RefusedError(_NOT_UNDERSTOOD)
    if timestamp is not None and type(timestamp) is not int:
        raise RefusedError(_NOT_UNDERSTOOD)
    device.measure()
    device.timezone = zone
    device.time_rule = rules
    if timestamp is not None:
        device.set_clock(timestamp)
    return Answer({})


def _are_rules(rules: object) -> bool:
    """Whether this is a list of [epoch, offset, dst]."""
    return isinstance(rules, list) and all(
        isinstance(rule, list) and [type(part) for part in rule] == [int] * 3
        for rule in rules
    )


def _bit(value: object) -> int:
    """Read 0 or 1: anything else was seen to lock a plug (protocol.md 4.3)."""
    if type(value) is not int or value not in (0, 1):
        raise RefusedError(_NOT_UNDERSTOOD)
    return value


_GETS: dict[str, _Get] = {
    namespaces.ABILITY: _always(payloads.ability),
    namespaces.ALL: _always(payloads.system_all),
    namespaces.CONSUMPTION_CONFIG: _always(payloads.consumption_config),
    namespaces.CONSUMPTION_H: _always(payloads.consumption_h),
    namespaces.CONSUMPTION_X: _always(payloads.consumption_x),
    namespaces.DEBUG: _always(payloads.debug),
    namespaces.DND_MODE: _always(lambda device: {"DNDMode": {"mode": device.dnd_mode}}),
    namespaces.ELECTRICITY: _always(payloads.electricity),
    namespaces.FIRMWARE: _always(
        lambda device: {"firmware": payloads.firmware(device)}
    ),
    namespaces.HARDWARE: _always(
        lambda device: {"hardware": payloads.hardware(device)}
    ),
    namespaces.ONLINE: _always(lambda device: {"online": payloads.online(device)}),
    namespaces.OVER_TEMP: _always(payloads.over_temp),
    namespaces.POSITION: _always(
        lambda _: {"position": {"longitude": 0, "latitude": 0}}
    ),
    namespaces.RUNTIME: _always(payloads.runtime),
    namespaces.TIME: _always(lambda device: {"time": payloads.time(device)}),
    namespaces.TOGGLE: _always(payloads.toggle),
    namespaces.TOGGLE_X: _get_togglex,
}

_SETS: dict[str, _Set] = {
    namespaces.DND_MODE: _set_dnd_mode,
    namespaces.KEY: _set_key,
    namespaces.OVER_TEMP: _set_over_temp,
    namespaces.TIME: _set_time,
    namespaces.TOGGLE: _set_toggle,
    namespaces.TOGGLE_X: _set_togglex,
}
