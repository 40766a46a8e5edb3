"""Whatever is typed as an address is one of a single host, or refused."""

from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.transport.http import LanError, _url_from_address

PARTS = ["192.0.2.20", "plug.lan", "[::1]", "::1", "@", ":", "/", "//", "?", "#", "\\"]
PARTS += ["80", "65536", "-1", "%2f", "%00", "http:", " ", "\n", "\t", "ä", "。", "."]


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=6).map("".join))
def test_any_text(text: str) -> None:
    try:
        url = _url_from_address(text)
    except LanError:
        return
    assert url.host
    assert (url.scheme, url.path, url.query_string, url.fragment) == (
        *("http", "/config"),
        *("", ""),
    )
    assert url.user is url.password is None
    assert url.explicit_port is None or 0 <= url.explicit_port <= 65535


def test_what_is_none_is_told() -> None:
    with pytest.raises(LanError) as caught:
        _url_from_address("a/b")
    assert caught.value.reason == "invalid_address"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("192.0.2.20", "http://192.0.2.20/config"),
        (" 192.0.2.20\n", "http://192.0.2.20/config"),
        ("192.0.2.20:80", "http://192.0.2.20/config"),
        ("192.0.2.20:8080", "http://192.0.2.20:8080/config"),
        ("Plug.LAN", "http://plug.lan/config"),
        ("[fe80::1]", "http://[fe80::1]/config"),
    ],
)
def test_addresses(text: str, url: str) -> None:
    # As text: to yarl a port that goes without saying is another one if it is said.
    assert str(_url_from_address(text)) == url
