"""Encryption of a plug's HTTP, and of a Wi-Fi password (docs/protocol.md 7)."""

from base64 import b64decode, b64encode
from hashlib import md5

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .identity import Identity

_IV = b"0" * 16
_BLOCK = 16
_CURVE = ec.SECP256R1()
_POINT_LENGTH = 65


def encrypt(key: bytes, text: bytes) -> bytes:
    """Encrypt with AES-256-CBC, zero padded, and encode as Base64."""
    padded = text + bytes(-len(text) % _BLOCK)
    encryptor = _cipher(key).encryptor()
    return b64encode(encryptor.update(padded) + encryptor.finalize())


def decrypt(key: bytes, body: object) -> bytes | None:
    """Undo `encrypt`; None for what it cannot have written."""
    raw = unbase64(body)
    if not raw or len(raw) % _BLOCK:
        return None
    decryptor = _cipher(key).decryptor()
    return (decryptor.update(raw) + decryptor.finalize()).rstrip(b"\0")


def preset_key(identity: Identity, key: str) -> bytes:
    """Make the key that needs no exchange: of uuid, signing key and MAC."""
    uuid, mac = identity.uuid, identity.mac
    return _digest(f"{uuid[3:22]}{key[1:9]}{mac}{key[10:28]}".encode())


def wifi_key(type_: str, identity: Identity) -> bytes:
    """Make the key of the password in Config.WifiX."""
    return _digest(f"{type_}{identity.uuid}{identity.mac}".encode())


def exchange(point: object) -> tuple[bytes, str] | None:
    """Take the client's public key; return the common key and our public one."""
    raw = unbase64(point)
    if raw is None or len(raw) != _POINT_LENGTH:
        return None
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)
    except ValueError:
        return None
    ours = ec.generate_private_key(_CURVE)
    encoding = Encoding.X962, PublicFormat.UncompressedPoint
    public = ours.public_key().public_bytes(*encoding)
    return _digest(ours.exchange(ec.ECDH(), theirs)), b64encode(public).decode()


def unbase64(text: object) -> bytes | None:
    """Decode Base64; None for anything else."""
    if not isinstance(text, str | bytes):
        return None
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return None


def _digest(data: bytes) -> bytes:
    """Make an AES key: the 32 characters of an MD5 in hexadecimal."""
    return md5(data).hexdigest().encode()  # noqa: S324


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(_IV))
