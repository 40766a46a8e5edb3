"""Payloads of the requests to plugs, GET and SET (docs/protocol.md 4)."""

from typing import Final

from .fields import Json
from .model import Gateway
from .namespaces import Namespace
from .timezone import TimeRule

# The payload of a GET, each in the form that every known firmware responds to.
QUERIES: Final[dict[Namespace, Json]] = {
    Namespace.ABILITY: {},
    Namespace.ALL: {"all": {}},
    Namespace.CONSUMPTION_X: {"consumptionx": []},
    Namespace.DND_MODE: {"DNDMode": {}},
    Namespace.ELECTRICITY: {"electricity": {"channel": 0}},
    Namespace.OVER_TEMP: {"overTemp": {}},
    Namespace.RUNTIME: {"runtime": {}},
    Namespace.TOGGLE: {"toggle": {}},
    Namespace.TOGGLE_X: {"togglex": []},
}


def switch_payload(toggle: Namespace, channel: int, *, on: bool) -> Json:
    """Return the payload of a SET that switches one channel.

    onoff is never anything but 0 or 1: other values lock some plugs
    (docs/protocol.md 4.3).
    """
    if toggle is Namespace.TOGGLE:
        return {"toggle": {"onoff": int(on)}}
    return {"togglex": {"channel": channel, "onoff": int(on)}}


def status_light_payload(*, on: bool) -> Json:
    """Return the payload of a SET of DNDMode: mode 1 (do not disturb) is a dark light.

    Source: docs/protocol.md 4.7.
    """
    return {"DNDMode": {"mode": int(not on)}}


def overheat_protection_payload(*, on: bool) -> Json:
    """Return the payload of a SET of OverTemp: 1 is on, 2 is off."""
    return {"overTemp": {"enable": 1 if on else 2}}


def time_payload(timestamp: int, timezone: str, rules: tuple[TimeRule, ...]) -> Json:
    """Return the payload of a SET of Time; timestamp is in epoch seconds."""
    return {
        "time": {
            "timestamp": timestamp,
            "timezone": timezone,
            "timeRule": [list(rule) for rule in rules],
        }
    }


def gateway_payload(key: str, user_id: int, gateway: Gateway) -> Json:
    """Return the payload of a SET of Config.Key: the plug's broker, key and account.

    Both brokers are named: without a second one plugs stall (docs/protocol.md 7).
    """
    return {
        "key": {
            "userId": str(user_id),
            "key": key,
            "gateway": {
                "host": gateway.host,
                "port": gateway.port,
                "secondHost": gateway.second_host,
                "secondPort": gateway.second_port,
                "redirect": 1,
            },
        }
    }
