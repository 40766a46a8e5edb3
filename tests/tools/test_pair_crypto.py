"""The cryptography of scripts/pair: published vectors, and another implementation."""

from itertools import batched

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, strategies as st
import pytest

from .program import load

pair = load()

# NIST SP 800-38A, F.2.5 and F.2.6.
CBC_KEY = bytes.fromhex(
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
)
CBC_VECTOR = bytes(range(16))
CBC_PLAIN = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
CBC_CIPHER = bytes.fromhex(
    "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
    "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
)

# NIST CAVP, KAS ECC CDH primitive, P-256, counts 0 to 2: the other's point, the
# private key, its public point, the common x coordinate.
CAVP = """
    700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287
    db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac
    7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534
    ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230
    28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141
    46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b

    809f04289c64348c01515eb03d5ce7ac1a8cb9498f5caa50197e58d43a86a7ae
    b29d84e811197f25eba8f5194092cb6ff440e26d4421011372461f579271cda3
    38f65d6dce47676044d58ce5139582d568f64bb16098d179dbab07741dd5caf5
    119f2f047902782ab0c9e27a54aff5eb9b964829ca99c06b02ddba95b0a3f6d0
    8f52b726664cac366fc98ac7a012b2682cbd962e5acb544671d41b9445704d1d
    057d636096cb80b67a8c038c890e887d1adfa4195e9b3ce241c8a778c59cda67

    a2339c12d4a03c33546de533268b4ad667debf458b464d77443636440ee7fec3
    ef48a3ab26e20220bcda2c1851076839dae88eae962869a497bf73cb66faf536
    1accfaf1b97712b85a6f54b148985a1bdc4c9bec0bd258cad4b3d603f49f32c8
    d9f2b79c172845bfdb560bbb01447ca5ecc0470a09513b6126902c6b4f8d1051
    f815ef5ec32128d3487834764678702e64e164ff7315185e23aff5facd96d7bc
    2d457b78b4614132477618a5b077965ec90730a8c81a1c75d6d4ec68005d67ec
"""

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


def test_one_block_and_the_keys_of_fips_197() -> None:
    keys = pair.round_keys(bytes(range(32)))
    plain = bytes.fromhex("00112233445566778899aabbccddeeff")
    encrypted = bytes.fromhex("8ea2b7ca516745bfeafc49904b496089")
    assert pair.encrypt_block(plain, keys) == encrypted
    assert pair.decrypt_block(encrypted, keys) == plain
    keys = pair.round_keys(CBC_KEY)
    assert len(keys) == 15
    assert keys[2] == bytes.fromhex("9ba354118e6925afa51a8b5f2067fcde")
    assert keys[14] == bytes.fromhex("fe4890d1e6188d0b046df344706c631e")


def test_four_blocks_of_sp_800_38a() -> None:
    assert pair.encrypt(CBC_PLAIN, CBC_KEY, CBC_VECTOR) == CBC_CIPHER
    assert pair.decrypt(CBC_CIPHER, CBC_KEY, CBC_VECTOR) == CBC_PLAIN


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


@pytest.mark.parametrize("vector", batched(CAVP.split(), 6, strict=True))
def test_p_256_of_cavp(vector: tuple[str, ...]) -> None:
    their_x, their_y, secret, x, y, common = (int(text, 16) for text in vector)
    assert pair.multiply(secret, pair.GENERATOR) == (x, y)
    assert pair.multiply(secret, (their_x, their_y))[0] == common


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
        b"\x04",
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
