"""Answers of a plug to GET and SET requests (docs/protocol.md 4)."""

from collections.abc import Callable
from dataclasses import dataclass

from . import namespaces, payloads
from .device import Device
from .gateway import WrittenKey, read_key
from .wire import Message, Payload


@dataclass(frozen=True, slots=True)
class Switched:
    """A relay was switched, and this is the PUSH about it."""

    channel: int
    onoff: int
    push: Payload


@dataclass(frozen=True, slots=True)
class Answer:
    """The payload of the acknowledgement, and what else follows from the request."""

    payload: Payload
    switched: Switched | None = None
    written: WrittenKey | None = None


type Handler = Callable[[Payload], Answer]


class RejectedError(Exception):
    """The plug answers with ERROR."""

    def __init__(self, code: int = 5000, detail: str | None = None) -> None:
        """Reject with a code; 5000 comes without a detail (docs/protocol.md 2.1)."""
        super().__init__(code)
        self.payload: Payload = {"error": {"code": code}}
        if detail is not None:
            self.payload["error"]["detail"] = detail


def answer(device: Device, request: Message) -> Answer:
    """Answer a request of a namespace that the plug lists."""
    if request.method == "GET":
        if request.namespace == namespaces.TOGGLE_X:
            return Answer(_get_togglex(device, request.payload))
        if build := _GETS.get(request.namespace):
            return Answer(build(device))
    if request.method == "SET" and (handler := _SETS.get(request.namespace)):
        return handler(device, request.payload)
    raise RejectedError


def switch(device: Device, channel: int, onoff: int) -> Switched:
    """Switch a relay, by a request or by the button."""
    device.measure()
    relays = device.relays.switch(channel, onoff, device.change_time)
    return Switched(channel, onoff, payloads.relay_push(device, relays))


def inner_object(payload: Payload, name: str) -> Payload:
    """Return an object within a payload; reject anything else."""
    value = payload.get(name)
    if not isinstance(value, dict):
        raise RejectedError
    return value


_KEY_REQUIRED_SINCE = 7


def _get_togglex(device: Device, payload: Payload) -> Payload:
    """Accept [], {}, a channel and 65535 (docs/protocol.md 4.3)."""
    wanted = payload.get("togglex")
    channel = wanted.get("channel") if isinstance(wanted, dict) else None
    if channel is None or channel == payloads.ALL_CHANNELS:
        return payloads.togglex(device, payloads.ALL_CHANNELS)
    if channel not in device.relays:
        raise RejectedError
    return payloads.togglex(device, channel)


def _set_togglex(device: Device, payload: Payload) -> Answer:
    """Accept the one form that is evidenced: an object (docs/protocol.md 4.3)."""
    wanted = inner_object(payload, "togglex")
    if wanted.get("channel") not in device.relays:
        raise RejectedError
    return Answer({}, switch(device, wanted["channel"], _bit(wanted.get("onoff"))))


def _set_toggle(device: Device, payload: Payload) -> Answer:
    """Accept a toggle, whatever stands beside it (docs/protocol.md 4.4)."""
    wanted = inner_object(payload, "toggle")
    return Answer({}, switch(device, 0, _bit(wanted.get("onoff"))))


def _set_dnd_mode(device: Device, payload: Payload) -> Answer:
    device.dnd_mode = _bit(inner_object(payload, "DNDMode").get("mode"))
    return Answer({})


def _set_key(device: Device, payload: Payload) -> Answer:
    """Take another broker and key; newer firmware wants one (bytespider#65)."""
    written = read_key(payload)
    if written is None:
        raise RejectedError
    if not written.key and device.model.generation >= _KEY_REQUIRED_SINCE:
        raise RejectedError
    return Answer({}, written=written)


def _set_over_temp(device: Device, payload: Payload) -> Answer:
    """Take 1 for on and 2 for off; nothing is pushed about it."""
    enable = inner_object(payload, "overTemp").get("enable")
    if type(enable) is not int or enable not in (1, 2):
        raise RejectedError
    device.overheat_protection = enable
    return Answer({})


def _set_time(device: Device, payload: Payload) -> Answer:
    """Take a zone and its rules, with or without the time (docs/protocol.md 4.7)."""
    wanted = inner_object(payload, "time")
    zone = wanted.get("timezone", device.timezone)
    rules = wanted.get("timeRule", device.time_rule)
    timestamp = wanted.get("timestamp")
    if not isinstance(zone, str) or not _are_rules(rules):
        raise RejectedError
    if timestamp is not None and type(timestamp) is not int:
        raise RejectedError
    device.measure()
    device.timezone = zone
    device.time_rule = rules
    if timestamp is not None:
        device.set_clock(timestamp)
    return Answer({})


def _are_rules(rules: object) -> bool:
    """Return whether this is a list of [epoch, offset, dst]."""
    return isinstance(rules, list) and all(
        isinstance(rule, list) and [type(part) for part in rule] == [int] * 3
        for rule in rules
    )


def _bit(value: object) -> int:
    """Read 0 or 1: anything else locked up a plug (docs/protocol.md 4.3)."""
    if type(value) is not int or value not in (0, 1):
        raise RejectedError
    return value


_GETS: dict[str, Callable[[Device], Payload]] = {
    namespaces.ABILITY: payloads.ability,
    namespaces.ALL: payloads.system_all,
    namespaces.CONSUMPTION_CONFIG: payloads.consumption_config,
    namespaces.CONSUMPTION_X: payloads.consumption_x,
    namespaces.DND_MODE: lambda device: {"DNDMode": {"mode": device.dnd_mode}},
    namespaces.ELECTRICITY: payloads.electricity,
    namespaces.ELECTRICITY_X: payloads.electricity_x,
    namespaces.OVER_TEMP: payloads.over_temp,
    namespaces.RUNTIME: payloads.runtime,
    namespaces.TIME: lambda device: {"time": payloads.time(device)},
    namespaces.TOGGLE: payloads.toggle,
}

_SETS: dict[str, Callable[[Device, Payload], Answer]] = {
    namespaces.DND_MODE: _set_dnd_mode,
    namespaces.KEY: _set_key,
    namespaces.OVER_TEMP: _set_over_temp,
    namespaces.TIME: _set_time,
    namespaces.TOGGLE: _set_toggle,
    namespaces.TOGGLE_X: _set_togglex,
}
