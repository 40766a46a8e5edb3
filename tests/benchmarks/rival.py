"""A switch of Home Assistant's own MQTT integration, and the device behind it."""

from time import monotonic
from typing import override

from tests.simulator import SimulatedPlug

# Every number has a MAC of its own: this one is no plug's.
_NUMBER = 999_999
ENTITY_ID = "switch.rival"


class Rival(SimulatedPlug):
    """A device as plain as can be, on the same connection as the plugs.

    It hears where a plug would, and says ON and OFF where no integration of plugs
    listens.
    """

    def __init__(self) -> None:
        """Be off."""
        super().__init__("mss210", _NUMBER)
        self.said_at = 0.0
        self.heard_at = 0.0

    @property
    def configuration(self) -> str:
        """Return what makes its switch, for configuration.yaml."""
        return f"""
mqtt:
  - switch:
      name: Rival
      unique_id: rival
      command_topic: {self.device.identity.hears_on}
      state_topic: {self._topic}
"""

    @property
    def _topic(self) -> str:
        return f"rival/{self.uuid}"

    @override
    def connected(self) -> None:
        """Tell its state: without one, the switch would be unknown."""
        self.is_connected = True
        self._tell()

    @override
    def received(self, raw: bytes, at: float) -> None:
        """Obey, and tell."""
        self.heard_at = at
        self.device.relays.all[0].onoff = int(raw == b"ON")
        self._tell()

    @override
    def _press(self, channel: int) -> None:
        self.device.relays.all[0].onoff = 1 - self.onoff()
        self._tell()

    def _tell(self) -> None:
        self.said_at = monotonic()
        self.world.publish(self._topic, b"ON" if self.onoff() else b"OFF")
