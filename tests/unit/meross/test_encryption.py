"""What newer firmware says over HTTP: published vectors, and another's hand."""

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
from tests.simulator.encryption import decrypt, encrypt, exchange, preset_key
from tests.simulator.identity import Identity

# NIST SP 800-38A, F.2.5, two blocks.
KEY = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
VECTOR = bytes(range(16))
PLAIN = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
)
ENCRYPTED = bytes.fromhex(
    "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
)

# NIST CAVP, KAS ECC CDH primitive, P-256, count 0: the other's point, the private
# key, the common x coordinate.
THEIR_X = "700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
THEIR_Y = "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac"
SECRET = 0x7D7DC5F71EB29DDAF80D6214632EEAE03D9058AF1FB6D22ED80BADB62BC1A534
COMMON = "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"

keys = st.binary(min_size=32, max_size=32)


def answered(point: bytes) -> Json:
    """Return a plug's answer with its public key."""
    return {"ecdhe": {"step": 2, "pubkey": b64encode(point).decode()}}


def test_the_blocks_of_sp_800_38a() -> None:
    """Plugs have another vector, which the first block can be made to undo."""
    pairs = zip(PLAIN, VECTOR, b"0" * 16, strict=False)
    plain = bytes(a ^ b ^ c for a, b, c in pairs) + PLAIN[16:]
    cipher = Cipher(KEY)
    # A block of padding follows: zeros alone tell where the data end.
    encrypted = b64decode(cipher.encrypt(plain))
    assert (encrypted[:-16], len(encrypted)) == (ENCRYPTED, len(ENCRYPTED) + 16)
    assert cipher.decrypt(b64encode(ENCRYPTED)) == plain


@given(keys, st.binary(max_size=100))
def test_as_another_does_it(key: bytes, data: bytes) -> None:
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
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with suppress(DecodeError):
        assert isinstance(Cipher(KEY).decrypt(text), bytes)


@pytest.mark.parametrize(
    "text", [b"a", b"QUJD", b'{"header": {}}', b"QUJDREVGR0hJSktMTU5PUA"], ids=str
)
def test_what_is_not_encrypted_is_refused(text: bytes) -> None:
    with pytest.raises(DecodeError, match="not encrypted"):
        Cipher(KEY).decrypt(text)


def test_the_exchange_of_cavp() -> None:
    private_key = ec.derive_private_key(SECRET, ec.SECP256R1())
    theirs = bytes.fromhex(f"04{THEIR_X}{THEIR_Y}")
    digest = md5(bytes.fromhex(COMMON), usedforsecurity=False).hexdigest()
    assert Cipher.from_exchange(private_key, answered(theirs)) == Cipher(digest.encode())


def test_both_sides_of_an_exchange_agree() -> None:
    private_key = new_private_key()
    payload = exchange_payload(private_key)
    told = payload["ecdhe"]
    assert isinstance(told, dict)
    assert told.keys() == {"step", "pubkey"}
    assert told["step"] == 1
    agreed = exchange(told["pubkey"])
    assert agreed is not None
    key, point = agreed
    assert Cipher.from_exchange(private_key, answered(b64decode(point))).key == key


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
        answered(bytes(65)),
        answered(bytes.fromhex(f"04{THEIR_X}{THEIR_X}")),
        answered(bytes.fromhex(f"04{THEIR_X}")),
    ],
    ids=str,
)
def test_an_answer_without_a_point_of_the_curve_is_refused(payload: Json) -> None:
    with pytest.raises(DecodeError):
        Cipher.from_exchange(new_private_key(), payload)


@given(st.binary(max_size=70))
def test_any_point_is_taken_or_refused(point: bytes) -> None:
    with suppress(DecodeError):
        Cipher.from_exchange(ec.derive_private_key(SECRET, ec.SECP256R1()), answered(point))


@pytest.mark.parametrize("key", ["", "meross", "a key that reaches well past 28 chars"])
def test_the_preset_key_is_what_another_makes_of_it(key: str) -> None:
    uuid, mac = "2111185763029415h03348e1e9d1459b", "48:e1:e9:d1:45:9b"
    cipher = Cipher.from_key(uuid, key, mac)
    assert cipher.key == preset_key(Identity(uuid, mac, 0), key)
    # By hand, from protocol.md 7.
    text = f"1185763029415h03348{key[1:9]}{mac}{key[10:28]}"
    digest = md5(text.encode(), usedforsecurity=False).hexdigest()
    assert cipher.key == digest.encode()
