"""Where plugs and controllers write (protocol.md 1)."""

import re
from typing import Final

# A subscription for what plugs say unasked, and one for their answers to us.
PUBLISH_FILTER: Final = "/appliance/+/publish"
REPLY_FILTER: Final = "/appliance/+/reply"

# Not always hexadecimal: real ones have other letters (protocol.md 0.7).
UUID: Final = re.compile(r"[0-9a-z]{32}")
_FROM_PLUG: Final = re.compile(r"/appliance/([0-9a-z]{32})/(?:publish|reply)")


def plug_of(topic: str) -> str | None:
    """Return the uuid of the plug that writes to this topic; None where none does."""
    match = _FROM_PLUG.fullmatch(topic)
    return match[1] if match else None


def request_topic(uuid: str) -> str:
    """Return the topic that the plug listens to."""
    return f"/appliance/{uuid}/subscribe"


def publish_topic(uuid: str) -> str:
    """Return the topic that the plug speaks on by itself."""
    return f"/appliance/{uuid}/publish"


def reply_topic(uuid: str) -> str:
    """Return the topic that the plug is told to answer us on."""
    return f"/appliance/{uuid}/reply"
