"""Messages of plugs, valid or forged."""

import time

from tests.simulator import SimulatedPlug, sign
from tests.simulator.namespaces import TOGGLE_X
from tests.simulator.wire import Message, Payload, new_message_id


def build_message(  # noqa: PLR0913
    plug: SimulatedPlug,
    namespace: str,
    method: str,
    payload: Payload,
    *,
    key: str | None = None,
    at: float | None = None,
    message_id: str | None = None,
) -> bytes:
    """Build a message of a plug, signed with its own key unless another is given.

    `at` is a Unix timestamp in seconds; the default is now.
    """
    message_id = message_id or new_message_id()
    seconds, milliseconds = divmod(round((at or time.time()) * 1000), 1000)
    return Message(
        namespace=namespace,
        method=method,
        payload=payload,
        message_id=message_id,
        reply_to=plug.device.identity.speaks_on,
        timestamp=seconds,
        timestamp_ms=milliseconds,
        signature=sign(message_id, plug.key if key is None else key, seconds),
    ).encode()


def build_toggle(plug: SimulatedPlug, onoff: int, *, at: float | None = None) -> bytes:
    """Build the PUSH that reports a changed relay of channel 0."""
    at = time.time() if at is None else at
    entry = {"channel": 0, "onoff": onoff, "lmTime": int(at)}
    return build_message(plug, TOGGLE_X, "PUSH", {"togglex": [entry]}, at=at)
