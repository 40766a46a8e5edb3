"""A plug in pairing mode, as little of it as the program's own tests need.

The whole one, with a broker to go to, is tests/simulator/lan.py.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import md5
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .web import CRLF, response

UUID = "1904061234567825186748e1e9aabbcc"
MAC = "48:E1:E9:AA:BB:CC"
KINDS = ("Key", "Wifi", "WifiList")
ABILITY: dict[str, Any] = {f"Appliance.Config.{kind}": {} for kind in KINDS} | {
    "Appliance.System.Time": {},
    "Appliance.System.All": {},
}


def wifi(ssid: str | bytes, signal: int = 50, **more: object) -> dict[str, Any]:
    """Describe a network as the plug does."""
    raw = ssid.encode() if isinstance(ssid, str) else ssid
    return {
        "ssid": b64encode(raw).decode(),
        "bssid": "02-00-5e-00-53-01",
        "signal": signal,
        "channel": 11,
        "encryption": 6,
        "cipher": 3,
        **more,
    }


@dataclass
class Plug:
    """Answers what it is asked, and remembers what it was told."""

    type: str = "mss210"
    ability: dict[str, Any] = field(default_factory=lambda: dict(ABILITY))
    networks: Any = field(default_factory=lambda: [wifi("Home", 90), wifi("Next", 20)])
    errors: dict[str, int] = field(default_factory=dict)
    drops: tuple[str, ...] = ()
    replies: dict[str, bytes] = field(default_factory=dict)
    public_key: bytes | None = None
    end: str = CRLF
    heard: list[dict[str, Any]] = field(default_factory=list)
    secret: bytes | None = None

    @property
    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Name and payload of what was written, in order."""
        return [
            (
                message["header"]["namespace"].removeprefix("Appliance."),
                message["payload"],
            )
            for message in self.heard
            if message["header"]["method"] == "SET"
        ]

    def __call__(self, body: bytes) -> bytes | None:
        """Answer the body of a request."""
        secret = self.secret
        if secret is not None:
            body = aes(secret, b64decode(body, validate=True), decrypt=True)
            body = body.rstrip(b"\0")
        request = json.loads(body)
        self.heard.append(request)
        namespace = request["header"]["namespace"]
        if any(namespace.endswith(name) for name in self.drops):
            return None
        if (reply := self.replies.get(namespace)) is not None:
            return reply
        header = dict(request["header"], method=request["header"]["method"] + "ACK")
        if (code := self.errors.get(namespace)) is not None:
            header["method"] = "ERROR"
            payload = {"error": {"code": code}}
        else:
            payload = self.answer(namespace, request["payload"])
        text = json.dumps({"header": header, "payload": payload}).encode()
        if secret is not None:
            text = b64encode(aes(secret, text + bytes(-len(text) % 16)))
        return response(text, end=self.end)

    def answer(self, namespace: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload of the acknowledgement."""
        match namespace:
            case "Appliance.System.Ability":
                return {"payloadVersion": 1, "ability": self.ability}
            case "Appliance.System.All":
                hardware = {"type": self.type, "version": "7.0.0"}
                hardware |= {"uuid": UUID, "macAddress": MAC}
                system = {"hardware": hardware, "firmware": {"version": "7.2.15"}}
                return {"all": {"system": system}}
            case "Appliance.Config.WifiList":
                return {"wifiList": self.networks}
            case "Appliance.Encrypt.ECDHE":
                return {"ecdhe": {"step": 2, "pubkey": self.agree(payload)}}
        return {}

    def agree(self, payload: dict[str, Any]) -> str:
        """Take the other's public key and show one's own."""
        curve = ec.SECP256R1()
        raw = b64decode(payload["ecdhe"]["pubkey"])
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(curve, raw)
        mine = ec.generate_private_key(curve)
        common = mine.exchange(ec.ECDH(), theirs)
        self.secret = md5(common).hexdigest().encode()  # noqa: S324
        form = Encoding.X962, PublicFormat.UncompressedPoint
        public = mine.public_key().public_bytes(*form)
        return b64encode(
            public if self.public_key is None else self.public_key
        ).decode()


def aes(
    key: bytes, data: bytes, vector: bytes = b"0" * 16, *, decrypt: bool = False
) -> bytes:
    """Encrypt or decrypt with AES in CBC mode, by another's hand."""
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector))
    work = cipher.decryptor() if decrypt else cipher.encryptor()
    return work.update(data) + work.finalize()
