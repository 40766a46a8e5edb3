"""What plugs are asked and told: the payloads (protocol.md 4)."""

from typing import Final

from .fields import Json
from .namespaces import Namespace

# The payload of a GET, each in the form that every firmware was seen to answer.
QUERIES: Final[dict[Namespace, Json]] = {
    Namespace.ABILITY: {},
    Namespace.ALL: {"all": {}},
    Namespace.TOGGLE: {"toggle": {}},
    Namespace.TOGGLE_X: {"togglex": []},
}


def switch_payload(toggle: Namespace, channel: int, *, on: bool) -> Json:
    """Return the payload of a SET that switches one channel.

    Never anything but 0 or 1: other values lock some plugs (protocol.md 4.3).
    """
    if toggle is Namespace.TOGGLE:
        return {"toggle": {"onoff": int(on)}}
    return {"togglex": {"channel": channel, "onoff": int(on)}}
