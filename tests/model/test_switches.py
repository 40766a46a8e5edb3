"""Every switch shows its relay, whatever plugs, networks and people do."""

from typing import ClassVar, override

from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND, ELECTRICITY
from tests.simulator.payloads import bind, relay_push
from tests.support.messages import build_message

from .stage import Stage
from .truth import CALM, DOUBT, Log, Truth

WELL_KNOWN_KEY, STORM = "meross", 200
EPOCH = 1_000_000_000
numbers = st.integers(0, 7)
states = st.booleans()
times = st.sampled_from([0.1, 0.5, 1, 3, 10, 30, 61, 77, 200])
steps = st.sampled_from([2, 5, 30, 3600])


class Switches(RuleBasedStateMachine):
    """One plug, or several; a number that a rule draws chooses one of them."""

    models: ClassVar[tuple[str, ...]]

    @initialize(key=st.sampled_from(["secret", "", WELL_KNOWN_KEY]))
    def set_up(self, key: str) -> None:
        self.log = Log()
        self.plugs = [
            SimulatedPlug(model, number, key=key)
            for number, model in enumerate(self.models, 1)
        ]
        self.stage = Stage(*self.plugs)
        self.truth = Truth(self.stage)
        self.clock_stepped = False

    def pick(self, number: int) -> tuple[SimulatedPlug, int]:
        """Return a plug, and one of its channels."""
        plug = self.plugs[number % len(self.plugs)]
        return plug, number % len(plug.model.outlets)

    # Time.

    @rule(seconds=times)
    def pass_time(self, seconds: float) -> None:
        self.stage.advance(seconds)

    # People.

    @rule(number=numbers)
    def press(self, number: int) -> None:
        plug, channel = self.pick(number)
        plug.press(channel)
        self.truth.touched(plug)
        self.stage.settle()

    @rule(number=numbers, on=states)
    def command(self, number: int, on: bool) -> None:
        # Commands of one moment are one scene.
        self.stage.advance(0.05)
        self.truth.command((*self.pick(number), on))

    @rule(on=states)
    def scene(self, on: bool) -> None:
        self.stage.advance(0.05)
        self.truth.command(*((*one, on) for one in self.stage.switches()))

    @rule(number=numbers, on=states, is_seen=states)
    def other_controller(self, number: int, on: bool, is_seen: bool) -> None:
        plug, channel = self.pick(number)
        self.truth.touched(plug)
        self.stage.switch_elsewhere(plug, channel, on=on, is_seen=is_seen)

    # Messages.

    @rule(number=numbers, count=st.integers(1, 3), is_sent=states)
    def lose(self, number: int, count: int, is_sent: bool) -> None:
        faults = self.pick(number)[0].faults
        if is_sent:
            faults.lose_sent = count
        else:
            faults.lose_received = count

    @rule(number=numbers, count=st.integers(1, 3))
    def double(self, number: int, count: int) -> None:
        self.pick(number)[0].faults.double_sent = count

    @rule(number=numbers, seconds=st.sampled_from([0.3, 3, 20, 45]), twice=states)
    def late_push(self, number: int, seconds: float, twice: bool) -> None:
        plug, channel = self.pick(number)
        was_settled = self.truth.is_settled(plug)
        plug.faults.hold_next_push = seconds
        plug.press(channel)
        plug.faults.hold_next_push = 0
        self.truth.touched(plug)
        if not twice or not was_settled:
            self.truth.trouble(plug, seconds)
            return
        # A newer one overtakes it, and has to win.
        self.stage.advance(0.1)
        plug.press(channel)
        self.stage.advance(seconds + DOUBT)
        assert self.truth.is_right(plug), "a late message is still shown"

    @rule(number=numbers, back=st.integers(1, 60))
    def replay(self, number: int, back: int) -> None:
        plug, _ = self.pick(number)
        if len(plug.outbox) < back:
            return
        captured = plug.outbox[-back]
        was_settled = self.truth.is_settled(plug)
        age = self.truth.now - captured.at
        was_received = captured.at > self.truth.forgot_at and back <= 20
        self.stage.sim.broker.publish(captured.topic, captured.message.encode())
        self.stage.settle()
        if not was_settled:
            self.truth.trouble(plug)
            return
        # Where its clock counts from boot, nothing shows how old a message is.
        seconds = int(plug.outbox[-1].message.timestamp)
        has_order = seconds > EPOCH and not self.clock_stepped
        if was_received or (age > 61 and has_order):
            assert self.truth.is_right(plug), "a message of the past was shown"
        self.stage.advance(DOUBT)
        assert self.truth.is_right(plug), "a message of the past is still shown"

    @rule(number=numbers, kind=st.sampled_from(["forged", "toggle", "bind"]))
    def storm(self, number: int, kind: str) -> None:
        plug, _ = self.pick(number)
        if not self.stage.is_connected(plug):
            return
        for _ in range(STORM):
            if kind == "bind":
                method = "SET" if plug.model.is_modern else "PUSH"
                raw = build_message(plug, BIND, method, bind(plug.device))
            else:
                payload = relay_push(plug.device, plug.device.relays.all)
                key = "forged" if kind == "forged" else None
                raw = build_message(plug, plug.model.toggle, "PUSH", payload, key=key)
            self.stage.sim.broker.publish_as(plug, raw)
        self.stage.settle()
        if kind != "forged":
            # So many that those before are no longer known.
            self.truth.forgot_messages()

    # Clocks and firmware.

    @rule(number=numbers, seconds=steps, is_back=states)
    def step_clock(self, number: int, seconds: int, is_back: bool) -> None:
        self.clock_stepped = True
        self.pick(number)[0].step_clock(-seconds if is_back else seconds)

    @rule(number=numbers, value=st.sampled_from([None, 59_000, -1, 10**9]))
    def set_milliseconds(self, number: int, value: int | None) -> None:
        self.pick(number)[0].faults.timestamp_ms = value

    @rule(number=numbers, seconds=st.sampled_from([0, 1, 2.2, -60, 1e6]))
    def set_change_lag(self, number: int, seconds: float) -> None:
        self.pick(number)[0].device.change_lag = seconds

    @rule(number=numbers, omits=states, first_by=st.sampled_from([0, 0.05, 1.5]))
    def set_pushes(self, number: int, omits: bool, first_by: float) -> None:
        faults = self.pick(number)[0].faults
        faults.omits_push = omits
        faults.push_first_by = first_by

    @precondition(lambda self: any(plug.model.is_strip for plug in self.plugs))
    @rule(channel=st.integers(0, 4), updates_master=states)
    def disobey(self, channel: int, updates_master: bool) -> None:
        for plug in self.plugs:
            plug.device.relays.disobedient = {channel} - {0}
            plug.device.relays.updates_master = updates_master

    @rule(number=numbers, version=st.integers(1, 9), measures=states)
    def update(self, number: int, version: int, measures: bool) -> None:
        plug, _ = self.pick(number)
        abilities = [ELECTRICITY] if measures else []
        plug.update(f"{plug.model.generation}.9.{version}", abilities=abilities)
        self.truth.trouble(plug)
        self.stage.settle()

    # Connections.

    @rule(number=numbers, keeps_relays=states)
    def reboot(self, number: int, keeps_relays: bool) -> None:
        plug, _ = self.pick(number)
        self.truth.trouble(plug)
        self.truth.touched(plug)
        plug.reboot(keeps_relays=keeps_relays)
        self.stage.settle()

    @rule(number=numbers)
    def cut(self, number: int) -> None:
        plug, _ = self.pick(number)
        self.truth.trouble(plug)
        plug.cut()

    @rule(number=numbers)
    def connect(self, number: int) -> None:
        plug, _ = self.pick(number)
        self.truth.trouble(plug)
        plug.power_on()
        self.stage.settle()

    @rule(number=numbers, seconds=times)
    def set_up_again(self, number: int, seconds: float) -> None:
        plug, _ = self.pick(number)
        plug.reset()
        self.stage.advance(seconds)
        self.truth.trouble(plug)
        self.truth.touched(plug)
        plug.set_up_again(WELL_KNOWN_KEY)
        self.stage.settle()

    # Home Assistant waits for so long before it connects to its broker again.
    @rule(seconds=times.filter(lambda seconds: seconds >= 10), number=numbers)
    def broker_restarts(self, seconds: float, number: int) -> None:
        self.stage.sim.broker.disconnect()
        self.stage.advance(seconds)
        plug, channel = self.pick(number)
        plug.press(channel)
        self.truth.touched(plug)
        self.stage.sim.broker.reconnect()
        for one in self.plugs:
            self.truth.trouble(one)
        self.stage.settle()

    # Home Assistant.

    @rule(what=st.sampled_from(["mqtt", "ours", "both"]))
    def reload(self, what: str) -> None:
        self.stage.reload(mqtt=what != "ours", ours=what != "mqtt")
        self.truth.loaded()

    @rule(number=numbers)
    def restart(self, number: int) -> None:
        self.truth.check()
        self.stage.restart(self.pick(number)[0])
        self.truth.loaded()

    # What must hold.

    @invariant()
    def check(self) -> None:
        self.truth.check()

    @override
    def teardown(self) -> None:
        """Connect everything, and wait: all is right in the end."""
        try:
            for plug in self.plugs:
                plug.faults.lose_sent = plug.faults.lose_received = 0
                if not plug.is_connected:
                    plug.power_on()
                self.truth.trouble(plug)
            self.stage.advance(CALM + 50)
            self.truth.check()
            assert not self.truth.has_open_commands
            assert self.log.wrong == []
        finally:
            self.stage.close()
            self.log.end()


class PlainPlug(Switches):
    """A plug with one outlet."""

    models = ("mss210",)


class MeteringPlug(Switches):
    """A plug that is asked for its power all the time."""

    models = ("mss310",)


class Strip(Switches):
    """A strip that pushes single outlets."""

    models = ("mss425e",)


class AllKinds(Switches):
    """Plugs of all kinds beside each other."""

    models = ("mss305", "mss425e", "mss210v1", "mss310")


MODEL = settings.get_profile("model")
MACHINES = (PlainPlug, MeteringPlug, Strip, AllKinds)
for machine in MACHINES:
    machine.TestCase.settings = settings(
        MODEL, max_examples=max(1, MODEL.max_examples // len(MACHINES))
    )

TestPlainPlug = PlainPlug.TestCase
TestMeteringPlug = MeteringPlug.TestCase
TestStrip = Strip.TestCase
TestAllKinds = AllKinds.TestCase
