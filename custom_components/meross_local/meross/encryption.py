"""Encryption of newer firmware over HTTP (docs/protocol.md 7)."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
import hashlib
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher as _Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .errors import DecodeError
from .fields import Json, get_object, get_text

_BLOCK: Final = 16
_MODE: Final = CBC(b"0" * _BLOCK)


@dataclass(frozen=True, slots=True)
class Cipher:
    """AES-256-CBC with zero padding, as base64; key has 32 bytes."""

    key: bytes

    @classmethod
    def from_key(cls, uuid: str, key: str, mac: str) -> Self:
        """Return the cipher of a plug that was set up with this key."""
        return cls._from_secret(f"{uuid[3:22]}{key[1:9]}{mac}{key[10:28]}".encode())

    @classmethod
    def from_exchange(
        cls, private_key: ec.EllipticCurvePrivateKey, payload: Json
    ) -> Self:
        """Return the cipher that a plug's reply to `exchange_payload` results in.

        Raises DecodeError where the reply has no public key.
        """
        try:
            public_key = ec.EllipticCurvePublicKey.from_encoded_point(
                ec.SECP256R1(),
                b64decode(get_text(get_object(payload, "ecdhe"), "pubkey")),
            )
        except ValueError as err:
            raise DecodeError("no public key") from err
        return cls._from_secret(private_key.exchange(ec.ECDH(), public_key))

    @classmethod
    def _from_secret(cls, secret: bytes) -> Self:
        digest = hashlib.md5(secret, usedforsecurity=False).hexdigest()
        return cls(digest.encode())

    def encrypt(self, data: bytes) -> bytes:
        """Return the encrypted data as base64."""
        encryptor = _Cipher(AES(self.key), _MODE).encryptor()
        # At least one zero, also where the data fill their last block.
        padded = data + bytes(_BLOCK - len(data) % _BLOCK)
        return b64encode(encryptor.update(padded) + encryptor.finalize())

    def decrypt(self, text: bytes) -> bytes:
        """Return the decrypted data; raises DecodeError where it is not encrypted."""
        decryptor = _Cipher(AES(self.key), _MODE).decryptor()
        try:
            data = decryptor.update(b64decode(text)) + decryptor.finalize()
        except ValueError as err:
            raise DecodeError("not encrypted") from err
        return data.rstrip(b"\0")


def new_private_key() -> ec.EllipticCurvePrivateKey:
    """Return a private key for one exchange."""
    return ec.generate_private_key(ec.SECP256R1())


def exchange_payload(private_key: ec.EllipticCurvePrivateKey) -> Json:
    """Return the payload of a SET of ECDHE."""
    point = private_key.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )
    return {"ecdhe": {"step": 1, "pubkey": b64encode(point).decode()}}
