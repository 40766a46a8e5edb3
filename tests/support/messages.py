"""Messages of plugs, valid or forged."""

import time

from tests.simulator import Message, SimulatedPlug
from tests.simulator.namespaces import BIND, CLOCK, TOGGLE_X
from tests.simulator.wire import Payload


def build_message(  # noqa: PLR0913
    plug: SimulatedPlug,
    namespace: str,
    method: str,
    payload: Payload,
    *,
    key: str | None = None,
    at: float | None = None,
    message_id: str = "",
) -> bytes:
    """Build a message of a plug, signed with its own key unless another is given.

    `at` is a Unix timestamp in seconds; the default is now.
    """
    seconds, milliseconds = divmod(round((at or time.time()) * 1000), 1000)
    return Message.signed(
        plug.key if key is None else key,
        message_id=message_id,
        namespace=namespace,
        method=method,
        payload=payload,
        reply_to=plug.device.identity.publish_topic,
        timestamp=seconds,
        timestamp_ms=milliseconds,
    ).encode()


def build_toggle(
    plug: SimulatedPlug,
    onoff: int,
    *,
    key: str | None = None,
    at: float | None = None,
) -> bytes:
    """Build the PUSH that reports a changed relay of channel 0."""
    at = time.time() if at is None else at
    entry = {"channel": 0, "onoff": onoff, "lmTime": int(at)}
    return build_message(plug, TOGGLE_X, "PUSH", {"togglex": [entry]}, key=key, at=at)


def complete_handshake(plug: SimulatedPlug, timestamp: int) -> None:
    """Let a plug receive what ends its handshake, at a Unix timestamp."""
    for namespace, method, payload in (
        (BIND, "SETACK", {}),
        (CLOCK, "PUSH", {"clock": {"timestamp": timestamp}}),
    ):
        raw = build_message(plug, namespace, method, payload, at=timestamp)
        plug.received(raw, time.monotonic())
