"""The signature, against what real plugs signed."""

import pytest

from custom_components.meross_local.meross.message import (
    WELL_KNOWN_KEYS,
    Header,
    find_key,
    is_signed_with,
    new_header,
    sign,
)
from custom_components.meross_local.meross.namespaces import Method

MSS110 = ("61c2c80bc240c7531079e6c4cb994fc9", "", 1594369211)
MSS210 = ("9cc3684e5904691c265df07d072557e3", "meross", 1668549141)


@pytest.mark.parametrize(
    ("said", "signature"),
    [
        (MSS110, "69fd2b2ffe7b132779b3b304453e1ad5"),
        (MSS210, "89055f54860226797ab3f35184655d39"),
    ],
    ids=["mss110 with the empty key", "mss210 7.2.15 with the key meross"],
)
def test_signs_like_a_real_plug(said: tuple[str, str, int], signature: str) -> None:
    assert sign(*said) == signature


def signed(message_id: str, key: str, timestamp: int) -> Header:
    """Return a header as a plug with this key makes it."""
    signature = sign(message_id, key, timestamp)
    return Header(message_id, "Appliance.X", Method.PUSH, timestamp, signature)


def test_a_signature_fits_one_key_only() -> None:
    header = signed(*MSS210)
    assert is_signed_with(header, "meross")
    assert not is_signed_with(header, "")
    assert not is_signed_with(header, "Meross")


@pytest.mark.parametrize("key", WELL_KNOWN_KEYS)
def test_the_key_is_found_among_the_well_known(key: str) -> None:
    assert find_key(signed(MSS110[0], key, 12), WELL_KNOWN_KEYS) == key


def test_no_key_is_found_where_none_fits() -> None:
    assert find_key(signed(MSS110[0], "own", 12), WELL_KNOWN_KEYS) is None


def test_a_new_header_is_signed_and_has_an_id_of_its_own() -> None:
    one = new_header(Method.GET, "Appliance.System.All", key="own", now=1700000000)
    other = new_header(Method.GET, "Appliance.System.All", key="own", now=1700000000)
    assert is_signed_with(one, "own")
    assert (one.timestamp, one.timestamp_ms) == (1700000000, 0)
    assert one.message_id != other.message_id
    # Newer firmware refuses any other length (protocol.md 2).
    assert len(one.message_id) == 32
    assert set(one.message_id) <= set("0123456789abcdef")
