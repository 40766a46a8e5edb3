"""Who is compared: what its Home Assistant is given, and the plugs that it hears."""

from collections.abc import Iterable
from dataclasses import dataclass
import json
from pathlib import Path
from typing import override

from tests.simulator import SimulatedPlug, sign
from tests.simulator.clock import monotonic
from tests.simulator.namespaces import BIND, CLOCK, TOGGLE_X
from tests.simulator.wire import Message
from tests.support.processes.hass import COMPONENT

OURS = COMPONENT.name
BUILT_IN = "built-in"
PLAIN = "plain"
NOTHING = "nothing"
SILENT = "floor: no-op"
WRITING = "floor: one write"

_FLOOR = Path(__file__).parent / "bench_floor"
_LONG_AGO = 1_700_000_000


class BoundPlug(SimulatedPlug):
    """A plug that somebody else keeps on the broker: nobody hears its greeting.

    A YAML switch answers no handshake: it is spared it, and has the less to do.
    """

    _is_mute = False

    @override
    def connected(self) -> None:
        """Be bound at once, and tell its state: an unknown switch cannot be toggled."""
        self._is_mute = True
        super().connected()
        clock: dict[str, object] = {"clock": {"timestamp": _LONG_AGO}}
        for said in (
            _signed(self, BIND, "SETACK", {}),
            _signed(self, CLOCK, "PUSH", clock),
        ):
            self.received(said, monotonic())
        self._is_mute = False
        on = {"channel": 0, "onoff": self.onoff(), "lmTime": _LONG_AGO}
        self._say(TOGGLE_X, "PUSH", {"togglex": [on]})

    @override
    def _publish(
        self, topic: str, message: Message, delay: float, *, is_reply: bool = False
    ) -> None:
        if not self._is_mute:
            super()._publish(topic, message, delay, is_reply=is_reply)


class PlainPlug(BoundPlug):
    """A device as plain as can be: it says and hears ON and OFF."""

    @override
    def _publish(
        self, topic: str, message: Message, delay: float, *, is_reply: bool = False
    ) -> None:
        if self._is_mute or message.namespace != TOGGLE_X or is_reply:
            return
        self.world.publish(f"plain/{self.uuid}", b"ON" if self.onoff() else b"OFF")

    @override
    def received(self, raw: bytes, at: float) -> None:
        """Obey, and tell."""
        if raw in (b"ON", b"OFF"):
            raw = _signed(self, TOGGLE_X, "SET", _switch(on=raw == b"ON"))
        super().received(raw, at)


@dataclass(frozen=True, slots=True)
class Contender:
    """One column of the table."""

    name: str
    folder: Path | None = None
    """What is copied to custom_components."""

    @property
    def domain(self) -> str | None:
        """The domain of the integration that discovers plugs and sets them up."""
        if self.folder is None or self.folder == _FLOOR:
            return None
        manifest = json.loads((self.folder / "manifest.json").read_text("utf-8"))
        return str(manifest["domain"])

    def plug(self, number: int) -> SimulatedPlug:
        """Return a plug that this contender can hear."""
        if self.domain is not None:
            return SimulatedPlug("mss210", number)
        kind = PlainPlug if self.name == PLAIN else BoundPlug
        return kind("mss210", number)

    def plugs(self, count: int) -> list[SimulatedPlug]:
        """Return so many."""
        return [self.plug(number) for number in range(1, count + 1)]

    def configuration(self, plugs: Iterable[SimulatedPlug]) -> str:
        """Return what configuration.yaml has to have for these plugs."""
        match self.name:
            case "plain":
                return _yaml(map(_plain_switch, plugs))
            case "built-in":
                return _yaml(map(_switch_of_json, plugs))
            case "floor: no-op" | "floor: one write":
                topics = [plug.device.identity.speaks_on for plug in plugs]
                floor = {"writes": self.name == WRITING, "topics": topics}
                return f"bench_floor: {json.dumps(floor)}\n"
        return ""


def contender(name: str) -> Contender:
    """Return one by its name, or an integration by its folder."""
    match name:
        case "meross_local":
            return Contender(name, COMPONENT)
        case "floor: no-op" | "floor: one write":
            return Contender(name, _FLOOR)
        case "built-in" | "plain" | "nothing":
            return Contender(name)
    folder = Path(name).resolve()
    if not (folder / "manifest.json").is_file():
        raise ValueError(f"no integration in {folder}")
    return Contender(f"{folder.parent.name}/{folder.name}", folder)


def _yaml(switches: Iterable[str]) -> str:
    text = "".join(switches)
    return f"\nmqtt:\n  - switch:\n{text}" if text else ""


def _plain_switch(plug: SimulatedPlug) -> str:
    return f"""\
      - name: Plug {plug.number}
        unique_id: {plug.uuid}
        command_topic: {plug.device.identity.hears_on}
        state_topic: plain/{plug.uuid}
"""


def _switch_of_json(plug: SimulatedPlug) -> str:
    """Return what people write by hand: a command that was signed once, a template."""
    on, off = (
        _signed(plug, TOGGLE_X, "SET", _switch(on=on)).decode() for on in (True, False)
    )
    return f"""\
      - name: Plug {plug.number}
        unique_id: {plug.uuid}
        command_topic: {plug.device.identity.hears_on}
        payload_on: '{on}'
        payload_off: '{off}'
        state_topic: {plug.device.identity.speaks_on}
        value_template: >-
          {{% if value_json.payload.togglex %}}{{{{
          value_json.payload.togglex[0].onoff }}}}{{% endif %}}
        state_on: "1"
        state_off: "0"
"""


def _switch(*, on: bool) -> dict[str, object]:
    return {"togglex": {"channel": 0, "onoff": int(on)}}


def _signed(
    plug: SimulatedPlug, namespace: str, method: str, payload: dict[str, object]
) -> bytes:
    message_id = f"{plug.number:032x}"
    return Message(
        namespace=namespace,
        method=method,
        payload=payload,
        message_id=message_id,
        reply_to=plug.device.identity.speaks_on,
        timestamp=_LONG_AGO,
        signature=sign(message_id, plug.key, _LONG_AGO),
    ).encode()
