"""A plug's open access point: how it is given a Wi-Fi (docs/protocol.md 7)."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from . import namespaces
from .answers import Answer, Handler, RejectedError, inner_object
from .encryption import decrypt, unbase64, wifi_key
from .plug import SimulatedPlug
from .wire import Payload

_MAX_SSID_SIZE = 32
_MAX_PASSWORD_SIZE = 64


@dataclass(frozen=True, slots=True)
class Network:
    """A Wi-Fi network in reach of the plug."""

    ssid: str = "home"
    password: str = "correct horse"
    bssid: str = "02:00:5e:00:53:01"
    """With : or - between, by firmware."""
    signal: int = 80
    channel: int = 6
    encryption: int = 6
    cipher: int = 3

    def describe(self) -> Payload:
        """Return the network's entry of WifiList."""
        ssid = b64encode(self.ssid.encode()).decode()
        return {"ssid": ssid, **self.required(), "signal": self.signal}

    def required(self) -> Payload:
        """Return what Wifi must repeat: other values fail (bytespider#2)."""
        return {
            "bssid": self.bssid,
            "channel": self.channel,
            "encryption": self.encryption,
            "cipher": self.cipher,
        }

    def admits(self, ssid: str, password: bytes, wifi: Payload) -> bool:
        """Return whether a plug can join with what it was given."""
        is_repeated = self.required().items() <= wifi.items()
        return (self.ssid, self.password.encode()) == (ssid, password) and is_repeated


class Provisioning:
    """The answers that a plug gives in pairing mode alone."""

    def __init__(self, plug: SimulatedPlug, networks: Iterable[Network]) -> None:
        """Prepare for networks in reach."""
        self._plug = plug
        self.networks = list(networks)
        """The networks in reach; the list may be changed."""
        self.ssid = ""
        self.password = b""
        """The credentials that it was given last, in plain text."""
        self._works = False
        self.handlers: Mapping[tuple[str, str], Handler] = {
            ("GET", namespaces.WIFI_LIST): self._wifi_list,
            ("SET", namespaces.WIFI): self._wifi,
            ("SET", namespaces.WIFI_X): self._wifi_x,
        }

    @property
    def joined(self) -> bool:
        """Whether the plug has left pairing mode for a network."""
        return self._works and not self._plug.is_pairing

    def _wifi_list(self, _: Payload) -> Answer:
        return Answer({"wifiList": [network.describe() for network in self.networks]})

    def _wifi(self, payload: Payload) -> Answer:
        wifi = inner_object(payload, "wifi")
        return self._join(wifi, unbase64(wifi.get("password")))

    def _wifi_x(self, payload: Payload) -> Answer:
        """Take a password that is encrypted."""
        wifi = inner_object(payload, "wifi")
        key = wifi_key(self._plug.model.type, self._plug.device.identity)
        return self._join(wifi, decrypt(key, wifi.get("password")))

    def _join(self, wifi: Payload, password: bytes | None) -> Answer:
        """Acknowledge whatever can be decoded; whether it is right shows later."""
        raw = unbase64(wifi.get("ssid")) or b""
        ssid = raw.decode(errors="replace")
        if not 0 < len(raw) <= _MAX_SSID_SIZE or ssid.encode() != raw:
            raise RejectedError
        if password is None or len(password) > _MAX_PASSWORD_SIZE:
            raise RejectedError
        self.ssid, self.password = ssid, password
        self._works = bool(self._plug.device.gateway.host) and any(
            network.admits(ssid, password, wifi) for network in self.networks
        )
        self._plug.restart(pairing=not self._works)
        return Answer({})
