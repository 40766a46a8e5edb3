"""The MQTT topics of plugs and of their controllers (docs/protocol.md 1)."""

import re
from typing import Final

# The topics that plugs publish on by themselves, and those of the replies to us.
PUBLISH_FILTER: Final = "/appliance/+/publish"
REPLY_FILTER: Final = "/appliance/+/reply"

# Not always hexadecimal: real ones have other letters (docs/protocol.md 0.7).
UUID_PATTERN: Final = re.compile(r"[0-9a-z]{32}")
_TOPIC_PATTERN: Final = re.compile(r"/appliance/([0-9a-z]{32})/(?:publish|reply)")


def uuid_from_topic(topic: str) -> str | None:
    """Return the uuid of the plug that publishes on this topic, if one does."""
    match = _TOPIC_PATTERN.fullmatch(topic)
    return match[1] if match else None


def request_topic(uuid: str) -> str:
    """Return the topic that the plug subscribes to."""
    return f"/appliance/{uuid}/subscribe"


def publish_topic(uuid: str) -> str:
    """Return the topic that the plug publishes on by itself."""
    return f"/appliance/{uuid}/publish"


def reply_topic(uuid: str) -> str:
    """Return the topic that the plug is asked to send its replies to us on."""
    return f"/appliance/{uuid}/reply"
