"""Encryption over HTTP, against published vectors and the simulator's own."""

from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import md5

from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.meross.encryption import (
    Cipher,
    exchange_payload,
    new_private_key,
)
from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.fields import Json
from tests.fixtures import vectors
from tests.simulator.encryption import decrypt, encrypt, exchange, preset_key
from tests.simulator.identity import Identity

keys = st.binary(min_size=32, max_size=32)


def exchange_reply(public_key: bytes) -> Json:
    """Return a plug's reply with its public key."""
    return {"ecdhe": {"step": 2, "pubkey": b64encode(public_key).decode()}}


def point(*coordinates: int) -> bytes:
    """Return an uncompressed point."""
    return b"\4" + b"".join(number.to_bytes(32) for number in coordinates)


def test_the_blocks_of_sp_800_38a() -> None:
    """Plugs have another vector, which the first block can be made to undo."""
    pairs = zip(vectors.CBC_PLAIN, vectors.CBC_VECTOR, b"0" * 16, strict=False)
    plain = bytes(a ^ b ^ c for a, b, c in pairs) + vectors.CBC_PLAIN[16:]
    cipher = Cipher(vectors.CBC_KEY)
    # A block of padding follows: only zeros mark the end of the data.
    encrypted = b64decode(cipher.encrypt(plain))
    assert encrypted[:-16] == vectors.CBC_ENCRYPTED
    assert cipher.decrypt(b64encode(vectors.CBC_ENCRYPTED)) == plain


@given(keys, st.binary(max_size=100))
def test_results_are_those_of_the_simulator(key: bytes, data: bytes) -> None:
    text = Cipher(key).encrypt(data)
    assert text == encrypt(key, data + b"\0")
    assert Cipher(key).decrypt(text) == decrypt(key, text)


@given(keys, st.binary(max_size=100))
def test_what_was_encrypted_is_read_but_for_zeros_at_its_end(
    key: bytes, data: bytes
) -> None:
    cipher = Cipher(key)
    assert cipher.decrypt(cipher.encrypt(data)) == data.rstrip(b"\0")


@given(st.binary(max_size=100) | st.binary(max_size=99).map(b64encode))
def test_any_bytes(text: bytes) -> None:
    with suppress(DecodeError):
        assert isinstance(Cipher(vectors.CBC_KEY).decrypt(text), bytes)


@pytest.mark.parametrize(
    "text", [b"a", b"QUJD", b'{"header": {}}', b"QUJDREVGR0hJSktMTU5PUA"], ids=str
)
def test_text_that_is_not_encrypted_is_rejected(text: bytes) -> None:
    with pytest.raises(DecodeError, match="not encrypted"):
        Cipher(vectors.CBC_KEY).decrypt(text)


def test_the_exchange_of_cavp() -> None:
    private_key = ec.derive_private_key(vectors.SECRET, ec.SECP256R1())
    digest = md5(vectors.COMMON_X.to_bytes(32), usedforsecurity=False).hexdigest()
    cipher = Cipher.from_exchange(
        private_key, exchange_reply(point(vectors.THEIR_X, vectors.THEIR_Y))
    )
    assert cipher == Cipher(digest.encode())


def test_both_sides_of_an_exchange_agree() -> None:
    private_key = new_private_key()
    payload = exchange_payload(private_key)
    sent = payload["ecdhe"]
    assert isinstance(sent, dict)
    assert sent.keys() == {"step", "pubkey"}
    assert sent["step"] == 1
    agreed = exchange(sent["pubkey"])
    assert agreed is not None
    key, public_key = agreed
    reply = exchange_reply(b64decode(public_key))
    assert Cipher.from_exchange(private_key, reply).key == key


def test_each_exchange_has_a_key_of_its_own() -> None:
    points = [str(exchange_payload(new_private_key())) for _ in range(3)]
    assert len(set(points)) == 3


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"ecdhe": None},
        {"ecdhe": {"step": 2}},
        {"ecdhe": {"pubkey": 7}},
        {"ecdhe": {"pubkey": ""}},
        {"ecdhe": {"pubkey": "ä"}},
        {"ecdhe": {"pubkey": "abc"}},
        exchange_reply(bytes(65)),
        exchange_reply(point(vectors.THEIR_X, vectors.THEIR_X)),
        exchange_reply(point(vectors.THEIR_X)),
    ],
    ids=str,
)
def test_a_reply_without_a_point_of_the_curve_is_rejected(payload: Json) -> None:
    with pytest.raises(DecodeError):
        Cipher.from_exchange(new_private_key(), payload)


@given(st.binary(max_size=70))
def test_any_point(public_key: bytes) -> None:
    private_key = ec.derive_private_key(vectors.SECRET, ec.SECP256R1())
    with suppress(DecodeError):
        Cipher.from_exchange(private_key, exchange_reply(public_key))


@pytest.mark.parametrize("key", ["", "meross", "a key that reaches well past 28 chars"])
def test_the_preset_key(key: str) -> None:
    uuid, mac = "2111185763029415h03348e1e9d1459b", "48:e1:e9:d1:45:9b"
    cipher = Cipher.from_key(uuid, key, mac)
    assert cipher.key == preset_key(Identity(uuid, mac, 0), key)
    # Independently, from docs/protocol.md 7.
    text = f"1185763029415h03348{key[1:9]}{mac}{key[10:28]}"
    digest = md5(text.encode(), usedforsecurity=False).hexdigest()
    assert cipher.key == digest.encode()
