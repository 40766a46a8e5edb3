"""The login of a plug, against recorded ones (docs/protocol.md 6.1)."""

import re

import pytest

from custom_components.meross_local.meross.credentials import Credentials
from tests.simulator.identity import identity

UUID = "2111185763029415h03348e1e9d1459b"


@pytest.mark.parametrize(
    ("mac", "key", "digits"),
    [
        ("34:29:8f:ff:ff:ff", "testkey", "5ac868a8"),
        ("48:e1:e9:b6:2c:49", "", "14ef86a5"),
    ],
)
def test_recorded_logins(mac: str, key: str, digits: str) -> None:
    credentials = Credentials(UUID, mac, key)
    assert credentials.user == mac
    assert re.fullmatch(f"0_{digits}[0-9a-f]{{24}}", credentials.password)


@pytest.mark.parametrize("user_id", [0, 46884])
@pytest.mark.parametrize("key", ["", "meross", "a key of its own, ä"])
def test_logins_of_the_simulated_plug(key: str, user_id: int) -> None:
    names = identity(7, user_id)
    credentials = Credentials(names.uuid, names.mac, key, user_id)
    assert credentials.user == names.mac
    assert credentials.password == names.password(key)
    assert credentials.password.startswith(f"{user_id}_")


def test_every_connection_has_a_client_id_of_its_own() -> None:
    credentials = Credentials(UUID, "48:e1:e9:d1:45:9b", "")
    ids = {credentials.new_client_id() for _ in range(20)}
    assert len(ids) == 20
    for client_id in ids:
        assert len(client_id) == 56
        assert re.fullmatch(f"fmware:{UUID}_[0-9A-Za-z]{{16}}", client_id)
