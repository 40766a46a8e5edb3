"""The compared integrations: the plugs that each needs, and their configuration."""

from collections.abc import Iterable
from enum import StrEnum
from typing import override

from tests.simulator import Message, SimulatedPlug
from tests.simulator.namespaces import TOGGLE_X
from tests.support.messages import build_message, complete_handshake

# Any time at which a plug accepts a clock and a signature.
_TIMESTAMP = 1_700_000_000


class Kind(StrEnum):
    """Represent a kind of plug with one outlet, by its model."""

    PLAIN = "mss210"
    METERING = "mss310"
    """Its power is shown as well, which takes messages of its own."""

    @property
    def noun(self) -> str:
        """Return what its plugs are called in a row."""
        return "plugs" if self is Kind.PLAIN else "metering plugs"


class Contender(StrEnum):
    """Represent one column of the table."""

    BUILT_IN = "built-in"
    """YAML switches of Home Assistant's own MQTT integration."""
    OURS = "meross_local"

    def plugs(self, count: int, kind: Kind = Kind.PLAIN) -> list[SimulatedPlug]:
        """Return plugs of a kind that this contender can use."""
        plug = BoundPlug if self is Contender.BUILT_IN else SimulatedPlug
        return [plug(kind.value, number) for number in range(1, count + 1)]

    def configuration(self, plugs: Iterable[SimulatedPlug]) -> str:
        """Return what configuration.yaml needs for these plugs."""
        switches = "".join(map(_yaml_switch, plugs))
        if self is Contender.OURS or not switches:
            return ""
        return f"\nmqtt:\n  - switch:\n{switches}"


class BoundPlug(SimulatedPlug):
    """Represent a plug that needs no acknowledgement of its Bind message.

    A YAML switch cannot send one, so the built-in contender is spared the handshake.
    """

    _is_muted = False

    @override
    def connected(self) -> None:
        """Complete the handshake without messages, then publish the state.

        Without a known state, a YAML switch cannot be toggled.
        """
        self._is_muted = True
        super().connected()
        complete_handshake(self, _TIMESTAMP)
        self._is_muted = False
        state = {"channel": 0, "onoff": self.onoff(), "lmTime": _TIMESTAMP}
        self._send(TOGGLE_X, "PUSH", {"togglex": [state]})

    @override
    def _publish(
        self, topic: str, message: Message, delay: float, *, is_reply: bool = False
    ) -> None:
        if not self._is_muted:
            super()._publish(topic, message, delay, is_reply=is_reply)


def _yaml_switch(plug: SimulatedPlug) -> str:
    """Return a switch as users write it: commands signed once, and a template."""
    on, off = (
        build_message(plug, TOGGLE_X, "SET", {"togglex": state}, at=_TIMESTAMP).decode()
        for state in ({"channel": 0, "onoff": 1}, {"channel": 0, "onoff": 0})
    )
    return f"""\
      - name: Plug {plug.number}
        unique_id: {plug.uuid}_0
        command_topic: {plug.device.identity.request_topic}
        payload_on: '{on}'
        payload_off: '{off}'
        state_topic: {plug.device.identity.publish_topic}
        value_template: >-
          {{% if value_json.payload.togglex %}}{{{{
          value_json.payload.togglex[0].onoff }}}}{{% endif %}}
        state_on: "1"
        state_off: "0"
"""
