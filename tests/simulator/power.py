"""A plug's power, network and restarts."""

from .sender import Sender

# Seconds from an acknowledgement to the restart that it announces: it is sent first.
_RESTART_DELAY = 0.05


class PoweredPlug(Sender):
    """A plug's ways to its broker, and away from it."""

    _reconnect_delay: float
    _reboot_delay: float
    connections = 0
    boots = 0
    has_power = False
    is_pairing = False
    _wants_broker = False

    def power_on(self) -> None:
        """Give it power, a network and a broker; its relays are as they were."""
        self.world.post(self._start)

    def power_off(self) -> None:
        """Unplug it: the connection breaks, the clock is lost."""
        self.world.post(self._lose_power)

    def cut(self) -> None:
        """Take its network away until `power_on`: no DISCONNECT; it keeps the time."""
        self.world.post(self._lose_network)

    def reboot(self, *, keeps_relays: bool = True) -> None:
        """Take its power for a moment; not every plug's relays are as they were."""
        self.power_off()
        if not keeps_relays:
            self.world.post(self.device.relays.clear)
        self.power_on()

    def set_up_again(self, key: str) -> None:
        """Lead it to its broker anew after a reset, with this key."""
        self.key = key
        self.reboot()

    # Calls of its surroundings, on its own thread.

    def disconnected(self) -> None:
        """Reconnect after a while."""
        self._end_session()
        if self._wants_broker:
            self._later(self._reconnect_delay, self.world.connect)

    def restart(self, *, pairing: bool = False) -> None:
        """Disconnect, and start on the network, or in pairing mode, after a moment."""

        def leave() -> None:
            if self.has_power:
                self._lose_power()
                self._later(self._reboot_delay, come_back)

        def come_back() -> None:
            self.is_pairing = pairing
            self._start()

        self.world.later(_RESTART_DELAY, leave)

    def _give_up(self) -> None:
        self._wants_broker = False
        self.world.disconnect()

    def _start(self) -> None:
        self._lose_network()
        if not self.has_power:
            self.has_power = True
            self.boots += 1
            self.device.lose_power()
        if not self.is_pairing:
            self._wants_broker = True
            self.world.connect()

    def _lose_power(self) -> None:
        self.has_power = False
        self.device.lose_power()
        self._lose_network()

    def _lose_network(self) -> None:
        self._wants_broker = False
        self._end_session()
        self.world.sever()

    def _end_session(self) -> None:
        """End a connection, and every timer that was set in it."""
        self.is_connected = False
        self._session += 1
