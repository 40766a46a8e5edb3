"""The cryptography of scripts/pair: published vectors, and another implementation."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, strategies as st
import pytest

from tests.fixtures import vectors

from .program import load

pair = load()

KEYS = st.binary(min_size=32, max_size=32)
BLOCK = st.binary(min_size=16, max_size=16)
SCALARS = st.integers(1, pair.ORDER - 1)
G = pair.encode_point(pair.GENERATOR)


def aes(
    key: bytes, data: bytes, vector: bytes = b"0" * 16, *, decrypt: bool = False
) -> bytes:
    """Encrypt or decrypt with another implementation."""
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector))
    context = cipher.decryptor() if decrypt else cipher.encryptor()
    return context.update(data) + context.finalize()


def test_aes_of_sp_800_38a() -> None:
    encrypted = pair.encrypt(vectors.CBC_PLAIN, vectors.CBC_KEY, vectors.CBC_VECTOR)
    assert encrypted == vectors.CBC_ENCRYPTED
    plain = pair.decrypt(encrypted, vectors.CBC_KEY, vectors.CBC_VECTOR)
    assert plain == vectors.CBC_PLAIN


@given(KEYS, BLOCK, st.binary(max_size=80))
def test_aes_agrees_with_another_implementation(
    key: bytes, vector: bytes, data: bytes
) -> None:
    # A rest that is no whole block is dropped.
    whole = data[: len(data) // 16 * 16]
    encrypted = pair.encrypt(whole, key, vector)
    assert encrypted == aes(key, whole, vector)
    assert pair.decrypt(encrypted, key, vector) == whole
    assert pair.decrypt(data, key) == aes(key, whole, decrypt=True)


@given(st.binary(max_size=70))
def test_padding(data: bytes) -> None:
    padded = pair.padded(data)
    assert len(padded) % 16 == 0
    assert padded[: len(data)] == data
    assert set(padded[len(data) :]) == {0}


def test_p_256_of_cavp() -> None:
    public = pair.multiply(vectors.SECRET, pair.GENERATOR)
    assert public == (vectors.PUBLIC_X, vectors.PUBLIC_Y)
    theirs = vectors.THEIR_X, vectors.THEIR_Y
    assert pair.multiply(vectors.SECRET, theirs)[0] == vectors.COMMON_X


@given(SCALARS | st.integers(1, 20) | st.integers(pair.ORDER - 20, pair.ORDER - 1))
def test_public_keys_agree_with_another_implementation(secret: int) -> None:
    public = ec.derive_private_key(secret, ec.SECP256R1()).public_key()
    numbers = public.public_numbers()
    point = pair.multiply(secret, pair.GENERATOR)
    assert point == (numbers.x, numbers.y)
    assert pair.decode_point(pair.encode_point(point)) == point


@given(SCALARS, SCALARS)
def test_a_common_secret_agrees_with_another_implementation(
    ours: int, theirs: int
) -> None:
    other = ec.derive_private_key(theirs, ec.SECP256R1())
    public = ec.derive_private_key(ours, ec.SECP256R1()).public_key()
    point = pair.multiply(theirs, pair.GENERATOR)
    common = pair.multiply(ours, point)[0].to_bytes(32, "big")
    assert common == other.exchange(ec.ECDH(), public)


def test_infinity() -> None:
    x, y = pair.GENERATOR
    assert pair.multiply(pair.ORDER, pair.GENERATOR) is None
    assert pair.multiply(0, pair.GENERATOR) is None
    assert pair.multiply(3, None) is None
    assert pair.multiply(pair.ORDER - 1, pair.GENERATOR) == (x, pair.FIELD - y)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(65),
        b"\x04" + bytes(64),
        b"\x04" + b"\xff" * 64,
        b"\x02" + G[1:],
        G[:-1],
        G + b"\x00",
        G[:-1] + b"\x00",
    ],
)
def test_an_invalid_point(data: bytes) -> None:
    assert pair.decode_point(data) is None


def test_a_coordinate_beyond_the_field() -> None:
    # x = 5 is on the curve; its square root is easily found in this field.
    square = (5**3 - 3 * 5 + pair.CURVE_B) % pair.FIELD
    y = pow(square, (pair.FIELD + 1) // 4, pair.FIELD)
    assert pair.decode_point(pair.encode_point((5, y))) == (5, y)
    assert pair.decode_point(pair.encode_point((5 + pair.FIELD, y))) is None
