"""A plug's open access point: how it is told of a network (protocol.md 7)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from . import namespaces
from .answers import Act, Answer, RefusedError
from .encryption import decrypt, wifi_key
from .plug import SimulatedPlug
from .wire import Payload

_NOT_UNDERSTOOD = 5000
_LONGEST_SSID = 32
_LONGEST_PASSWORD = 64


@dataclass(frozen=True, slots=True)
class Network:
    """A Wi-Fi network that the plug sees."""

    ssid: str = "home"
    password: str = "correct horse"
    bssid: str = "02:00:5e:00:53:01"
    """With : or - between, by firmware."""
    signal: int = 80
    channel: int = 6
    encryption: int = 6
    cipher: int = 3

    def shown(self) -> Payload:
        """Describe it as WifiList does."""
        return {"ssid": b64encode(self.ssid.encode()).decode(), **self.needed()} | {
            "signal": self.signal
        }

    def needed(self) -> Payload:
        """Name what Wifi must repeat: other values fail (bytespider#2)."""
        return {
            "bssid": self.bssid,
            "channel": self.channel,
            "encryption": self.encryption,
            "cipher": self.cipher,
        }


class Provisioning:
    """The answers that a plug gives in pairing mode alone."""

    def __init__(self, plug: SimulatedPlug, networks: Iterable[Network]) -> None:
        """Be in reach of some networks."""
        self._plug = plug
        self.networks = list(networks)
        self.ssid = ""
        self.password_heard = ""
        self._works = False
        self.acts: Mapping[tuple[str, str], Act] = {
            ("GET", namespaces.TRACE): self._trace,
            ("GET", namespaces.WIFI_LIST): self._wifi_list,
            ("SET", namespaces.WIFI): self._wifi,
            ("SET", namespaces.WIFI_X): self._wifi_x,
        }

    @property
    def joined(self) -> bool:
        """Whether the plug has left pairing mode for a network."""
        return self._works and not self._plug.is_pairing

    def _trace(self, _: Payload) -> Answer:
        return Answer({"trace": {"ssid": "", "code": 0, "info": ""}})

    def _wifi_list(self, _: Payload) -> Answer:
        return Answer({"wifiList": [network.shown() for network in self.networks]})

    def _wifi(self, payload: Payload) -> Answer:
        wifi = _wifi_of(payload)
        return self._join(wifi, _unbase64(wifi.get("password")))

    def _wifi_x(self, payload: Payload) -> Answer:
        """Take a password that is encrypted."""
        wifi = _wifi_of(payload)
        password = wifi.get("password")
        plug = self._plug
        key = wifi_key(plug.model.type, plug.device.identity)
        raw = decrypt(key, password.encode()) if isinstance(password, str) else None
        # A password that is no text is a wrong one.
        return self._join(wifi, None if raw is None else raw.decode(errors="replace"))

    def _join(self, wifi: Payload, password: str | None) -> Answer:
        """Acknowledge whatever can be read; whether it is right shows later."""
        ssid = _unbase64(wifi.get("ssid"))
        if not ssid or password is None:
            raise RefusedError(_NOT_UNDERSTOOD)
        if len(ssid.encode()) > _LONGEST_SSID or len(password) > _LONGEST_PASSWORD:
            raise RefusedError(_NOT_UNDERSTOOD)
        self.ssid, self.password_heard = ssid, password
        self._works = bool(self._plug.device.gateway.host) and any(
            (network.ssid, network.password) == (ssid, password)
            and network.needed().items() <= wifi.items()
            for network in self.networks
        )
        self._plug.restart(pairing=not self._works)
        return Answer({})


def _wifi_of(payload: Payload) -> Payload:
    wifi = payload.get("wifi")
    if not isinstance(wifi, dict):
        raise RefusedError(_NOT_UNDERSTOOD)
    return wifi


def _unbase64(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return b64decode(value, validate=True).decode()
    except Base64Error, ValueError:
        return None
