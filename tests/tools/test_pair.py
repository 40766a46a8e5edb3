"""scripts/pair, run in this process against a plug's web server."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from hashlib import md5
from io import BytesIO, StringIO, TextIOWrapper
import json
import re
import socket
import sys
import time
from typing import Any

import pytest

from tests.pair.plug import MAC, UUID, Plug, aes, wifi
from tests.pair.web import LF, Web, response

from .program import PATH, load

pytestmark = pytest.mark.usefixtures("socket_enabled")

program = load()

BROKER = ("--broker", "192.168.1.10:8883")
HOME = (*BROKER, "--ssid", "Home")
WIFI_X = "Appliance.Config.WifiX"
ECDHE = "Appliance.Encrypt.ECDHE"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know the password, and be in Berlin."""
    monkeypatch.setenv("MEROSS_WIFI_PASSWORD", "secret of home")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setattr(sys, "stdin", StringIO())


@pytest.fixture
def plug() -> Plug:
    """Bring a plug in pairing mode."""
    return Plug()


@pytest.fixture
def web(plug: Plug) -> Iterator[Web]:
    """Open its access point."""
    with Web(plug) as web:
        yield web


type Run = Callable[..., str]


@pytest.fixture
def run(web: Web, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the program to success and returns what it says."""

    def run(*arguments: str) -> str:
        code = program.main(["--host", web.address, *arguments])
        said = capsys.readouterr()
        assert (code, said.err) == (0, "")
        return said.out

    return run


@pytest.fixture
def fail(web: Web, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that lets it fail and returns its one sentence."""

    def fail(*arguments: str) -> str:
        assert program.main(["--host", web.address, *arguments]) == 1
        error = capsys.readouterr().err
        assert error.endswith(("\n", ".\n"))
        assert error.count("\n") == 1
        return error.strip()

    return fail


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Pipe answers into the program."""
    text = "".join(f"{line}\n" for line in lines)
    monkeypatch.setattr(sys, "stdin", StringIO(text))


# What is written


def test_everything_is_written_in_order(run: Run, plug: Plug) -> None:
    before = int(time.time())
    said = run(*HOME)

    (key, broker), (clock, now), (network, joined) = plug.told
    assert (key, clock, network) == ("Config.Key", "System.Time", "Config.Wifi")
    gateway = {"host": "192.168.1.10", "port": 8883, "redirect": 1}
    gateway |= {"secondHost": "192.168.1.10", "secondPort": 8883}
    assert broker == {"key": {"userId": "0", "key": "meross", "gateway": gateway}}
    assert before <= now["time"].pop("timestamp") <= time.time()
    assert now == {"time": {"timezone": "Europe/Berlin"}}
    signal = plug.networks[0].pop("signal")
    assert signal == 90
    password = joined["wifi"].pop("password")
    assert b64decode(password) == b"secret of home"
    assert joined == {"wifi": plug.networks[0]}
    assert "blinks green" in said
    assert "within a minute" in said


def test_every_message_is_well_formed(run: Run, plug: Plug, web: Web) -> None:
    run(*HOME, "--key", "a key", "--user-id", "46884")

    headers = [message["header"] for message in plug.heard]
    for header in headers:
        sign = f"{header['messageId']}a key{header['timestamp']}"
        assert re.fullmatch("[0-9a-f]{32}", header["messageId"])
        assert header["sign"] == md5(sign.encode()).hexdigest()  # noqa: S324
        assert header["payloadVersion"] == 1
        assert header["timestampMs"] == 0
        assert header["from"] == "http://127.0.0.1/config"
    assert len({header["messageId"] for header in headers}) == len(headers) == 6
    assert plug.told[0][1]["key"]["key"] == "a key"
    assert plug.told[0][1]["key"]["userId"] == "46884"
    for head in web.heads:
        assert head.startswith("POST /config HTTP/1.1\r\n")
        assert "Connection: close\r\n" in head
        assert "Content-Type: application/json\r\n" in head


def test_the_port_of_tls_is_the_default(run: Run, plug: Plug) -> None:
    run("--broker", "broker.lan", "--ssid", "Home")
    gateway = plug.told[0][1]["key"]["gateway"]
    assert (gateway["host"], gateway["port"]) == ("broker.lan", 8883)


def test_a_password_is_encrypted_for_wifi_x(run: Run, plug: Plug) -> None:
    plug.ability[WIFI_X] = {}
    run(*HOME)
    name, payload = plug.told[-1]
    key = md5(f"mss210{UUID}{MAC}".encode()).hexdigest().encode()  # noqa: S324
    raw = aes(key, b64decode(payload["wifi"]["password"]), decrypt=True)
    assert name == "Config.WifiX"
    assert raw.rstrip(b"\0") == b"secret of home"


def test_everything_but_the_ability_is_encrypted(
    run: Run, plug: Plug, web: Web
) -> None:
    plug.ability |= {ECDHE: {}, WIFI_X: {}}
    run(*HOME)
    assert [name for name, _ in plug.told] == [
        "Encrypt.ECDHE",
        "Config.Key",
        "System.Time",
        "Config.WifiX",
    ]
    for number, body in enumerate(web.bodies):
        assert body.startswith(b"{") is (number < 2)


def test_old_firmware_ends_lines_of_its_head_with_lf(run: Run, plug: Plug) -> None:
    plug.end = LF
    run(*HOME)
    assert plug.told[-1][0] == "Config.Wifi"


def test_a_reply_without_a_length_ends_with_the_connection(
    run: Run, plug: Plug
) -> None:
    message = {"header": {"method": "SETACK", "namespace": "Appliance.Config.Key"}}
    body = json.dumps(message | {"payload": {}}).encode()
    plug.replies["Appliance.Config.Key"] = b"HTTP/1.0 200 OK\n\n" + body
    run(*HOME)
    assert plug.told[-1][0] == "Config.Wifi"


def test_a_plug_without_time_is_told_none(run: Run, plug: Plug) -> None:
    del plug.ability["Appliance.System.Time"]
    run(*HOME, "--timezone", "Europe/Rome")
    assert [name for name, _ in plug.told] == ["Config.Key", "Config.Wifi"]


def test_a_plug_that_takes_no_time_is_paired_all_the_same(run: Run, plug: Plug) -> None:
    plug.errors["Appliance.System.Time"] = 5000
    assert "Home Assistant will set it" in run(*HOME)
    assert plug.told[-1][0] == "Config.Wifi"


def test_another_time_zone(run: Run, plug: Plug) -> None:
    run(*HOME, "--timezone", "Europe/Rome")
    assert plug.told[1][1]["time"]["timezone"] == "Europe/Rome"


@pytest.mark.parametrize(
    ("variable", "link", "zone"),
    [
        (":Europe/Paris", "/usr/share/zoneinfo/Europe/Rome", "Europe/Paris"),
        ("CET-1CEST", "/usr/share/zoneinfo/Europe/Rome", "Europe/Rome"),
        ("", "/var/db/timezone/zoneinfo/Europe/Rome", "Europe/Rome"),
        ("", "/etc/something", None),
        ("", OSError(), None),
    ],
)
def test_the_time_zone_of_this_computer(
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    link: str | OSError,
    zone: str | None,
) -> None:
    def readlink(_: object) -> str:
        if isinstance(link, OSError):
            raise link
        return link

    monkeypatch.setenv("TZ", variable)
    monkeypatch.setattr(program.Path, "readlink", readlink)
    assert program.local_time_zone() == zone


def test_windows_knows_no_time_zones(
    run: Run, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program.zoneinfo, "available_timezones", set)
    run(*HOME)
    assert "timezone" not in plug.told[1][1]["time"]


def test_the_access_point_goes_away_before_it_answers(run: Run, plug: Plug) -> None:
    plug.drops = ("Config.Wifi",)
    assert "Done." in run(*HOME)


# What is read


def test_a_plug_is_only_read(run: Run, plug: Plug) -> None:
    said = run("--read")
    password = md5(b"48:e1:e9:aa:bb:ccmeross").hexdigest()  # noqa: S324
    for word in ("MSS210", "7.0.0", "7.2.15", "48:e1:e9:aa:bb:cc", f"0_{password}"):
        assert word in said
    assert [message["header"]["method"] for message in plug.heard] == ["GET", "GET"]


def test_the_login_that_a_trace_shows(run: Run) -> None:
    # protocol.md 6.1: MAC, key and password of two real plugs.
    assert program.md5("34:29:8f:ff:ff:ff" + "testkey").startswith("5ac868a8")
    assert program.md5("48:e1:e9:b6:2c:49").startswith("14ef86a5")
    assert "46884_" in run("--read", "--user-id", "46884")


def test_networks_are_listed_once_and_the_strongest_first(
    run: Run, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug.networks = [
        wifi("Far", 5),
        wifi("Home", 30, channel=1),
        wifi("Home", 80, channel=6),
        wifi("Home", 40, channel=11),
        wifi("", 100),
        wifi("Caf\N{LATIN SMALL LETTER E WITH ACUTE}\x1b[2J", 60),
        wifi(b"\xff\xfe", 50, encryption=0, cipher=0),
        {"ssid": "no base64!", "signal": 99},
        {"signal": 99},
        "nothing",
    ]
    type_in(monkeypatch, "0", "x", "5", "", "\N{SUPERSCRIPT TWO}", " 1 ")
    said = run(*BROKER)

    assert re.findall(r"^ *(\d+)  (\S+) +(\d+) %( +open)?$", said, re.MULTILINE) == [
        ("1", "Home", "80", ""),
        ("2", "Caf\N{LATIN SMALL LETTER E WITH ACUTE}?[2J", "60", ""),
        ("3", "\N{REPLACEMENT CHARACTER}" * 2, "50", "  open"),
        ("4", "Far", "5", ""),
    ]
    assert "\x1b" not in said
    assert plug.told[-1][1]["wifi"]["channel"] == 6


def test_a_password_that_is_no_text(
    run: Run, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEROSS_WIFI_PASSWORD")
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"1\n\xff\xfepass\r\n")))
    run(*BROKER)
    assert b64decode(plug.told[-1][1]["wifi"]["password"]) == b"\xff\xfepass"


def test_an_open_network_needs_no_password(
    run: Run, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEROSS_WIFI_PASSWORD")
    plug.networks = [wifi("Home", encryption=0, cipher=0)]
    run(*HOME)
    assert plug.told[-1][1]["wifi"]["password"] == ""


def test_number_and_password_come_through_a_pipe(
    run: Run, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEROSS_WIFI_PASSWORD")
    type_in(monkeypatch, "2", " pass word ")
    run(*BROKER)
    joined = plug.told[-1][1]["wifi"]
    assert b64decode(joined["ssid"]) == b"Next"
    assert b64decode(joined["password"]) == b" pass word "


@pytest.mark.parametrize("length", [1, 15, 16, 17, 63, 64])
def test_passwords_of_every_length(
    run: Run, plug: Plug, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    plug.ability[WIFI_X] = {}
    monkeypatch.setenv("MEROSS_WIFI_PASSWORD", "p" * length)
    run(*HOME)
    key = md5(f"mss210{UUID}{MAC}".encode()).hexdigest().encode()  # noqa: S324
    secret = b64decode(plug.told[-1][1]["wifi"]["password"])
    assert aes(key, secret, decrypt=True).rstrip(b"\0") == b"p" * length


# What goes wrong


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "say which broker .* --broker HOST:PORT"),
        (("--broker", "mqtts://10.0.0.1"), "is not HOST or HOST:PORT"),
        (("--broker", "10.0.0.1:"), "is not HOST or HOST:PORT"),
        (("--broker", "10.0.0.1:0"), "is not HOST or HOST:PORT"),
        (("--broker", "10.0.0.1:65536"), "is not HOST or HOST:PORT"),
        (("--broker", "10.0.0.1:mqtt"), "is not HOST or HOST:PORT"),
        (("--broker", "a b\x1b"), r"a b\? is not HOST or HOST:PORT"),
        (("--broker", "::1"), "is not HOST or HOST:PORT"),
        ((*BROKER, "--host", "http://10.10.10.1"), "is not HOST or HOST:PORT"),
        ((*BROKER, "--user-id", "me"), "must be a number"),
        ((*BROKER, "--user-id", "-1"), "must be a number|expected one argument"),
        ((*BROKER, "--ssid", ""), "1 to 32 bytes"),
        (
            (*BROKER, "--ssid", "\N{LATIN SMALL LETTER O WITH DIAERESIS}" * 17),
            "1 to 32",
        ),
        ((*BROKER, "--timezone", "Europe/Nowhere"), "no time zone Europe/Nowhere"),
        ((*BROKER, "--wifi", "x"), "unrecognized arguments"),
    ],
)
def test_a_wrong_command_line(
    fail: Run, plug: Plug, arguments: tuple[str, ...], sentence: str
) -> None:
    assert re.search(sentence, fail(*arguments), re.IGNORECASE)
    assert plug.heard == []


@pytest.mark.parametrize(
    "broker",
    [
        "localhost",
        "LOCALHOST.:8883",
        "127.0.0.1:8883",
        "127.1.2.3",
        "0.0.0.0",  # noqa: S104
    ],
)
def test_a_plug_cannot_be_sent_to_itself(
    broker: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["--broker", broker]) == 1
    assert "would call itself" in capsys.readouterr().err


def test_a_simulated_plug_may_be_sent_to_a_broker_here(run: Run, plug: Plug) -> None:
    run("--broker", "127.0.0.1", "--ssid", "Home")
    assert plug.told[0][1]["key"]["gateway"]["host"] == "127.0.0.1"


def test_nobody_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert program.main(["--host", f"127.0.0.1:{port}", *BROKER]) == 1
    error = capsys.readouterr().err
    assert error.startswith("There is no plug at 127.0.0.1: has this computer joined")


@pytest.mark.parametrize("error", [socket.gaierror(), UnicodeError(), TimeoutError()])
def test_an_address_that_leads_nowhere(
    fail: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def connect(_: object) -> None:
        raise error

    monkeypatch.setattr(program.http.client.HTTPConnection, "connect", connect)
    assert "There is no plug at" in fail(*HOME)


STRANGERS = [
    response(b"<html>router</html>"),
    response(b"", status="404 Not Found"),
    response(b"{}", status="301 Moved\r\nLocation: http://127.0.0.1:1/"),
    response(b"[]"),
    response(b"\xff\xfe"),
    response(b"[" * 100_000),
    response(b'{"header": {"method": "GETACK"}, "payload": {}}'),
    response(b'{"header": [], "payload": {"error": 1}}'),
    response(
        b'{"header": {"method": "GETACK", "namespace": "Appliance.System.Ability"},'
        b' "payload": {"ability": []}}'
    ),
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("reply", STRANGERS, ids=range(len(STRANGERS)))
def test_a_web_server_that_is_no_plug(fail: Run, plug: Plug, reply: bytes) -> None:
    plug.replies["Appliance.System.Ability"] = reply
    assert "does not speak like a plug" in fail(*HOME)


@pytest.mark.parametrize(
    ("method", "about", "status"),
    [
        ("GETACK", "Ability", "500 Internal Server Error"),
        ("GETACK", "All", "200 OK"),
        ("GET", "Ability", "200 OK"),
        ("SETACK", "Ability", "200 OK"),
    ],
)
def test_an_answer_to_something_else(
    fail: Run, plug: Plug, method: str, about: str, status: str
) -> None:
    header = {"method": method, "namespace": f"Appliance.System.{about}"}
    payload: dict[str, Any] = {"ability": {}}
    body = json.dumps({"header": header, "payload": payload}).encode()
    plug.replies["Appliance.System.Ability"] = response(body, status=status)
    assert "does not speak like a plug" in fail(*HOME)
    assert len(plug.heard) == 1


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"all": []},
        {"all": {"system": {"hardware": {}}}},
        {"all": {"system": {"hardware": "x", "firmware": "y"}}},
    ],
)
def test_a_plug_that_does_not_say_what_it_is(
    fail: Run, plug: Plug, payload: dict[str, Any]
) -> None:
    header = {"method": "GETACK", "namespace": "Appliance.System.All"}
    message = json.dumps({"header": header, "payload": payload})
    plug.replies["Appliance.System.All"] = response(message.encode())
    assert "does not speak like a plug" in fail(*HOME)


@pytest.mark.parametrize(
    "reply", [None, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
def test_a_plug_that_goes_away(fail: Run, plug: Plug, reply: bytes | None) -> None:
    if reply is None:
        plug.drops = ("Config.Key",)
    else:
        plug.replies["Appliance.Config.Key"] = reply
    assert "did not answer: is this computer still" in fail(*HOME)


def test_a_plug_may_take_its_time_to_look_around(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts = []

    class Connection(program.http.client.HTTPConnection):  # type: ignore[misc,name-defined]
        """Remembers its timeout."""

        def connect(self) -> None:
            timeouts.append(self.timeout)
            super().connect()

    monkeypatch.setattr(program.http.client, "HTTPConnection", Connection)
    run(*HOME)
    assert timeouts == [10, 10, 20, 10, 10, 10]


def test_a_plug_that_is_silent(
    fail: Run, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        """Accepts and says nothing."""

        def __init__(self, *_: object, timeout: float) -> None:
            assert timeout == 10

        def connect(self) -> None:
            """Do."""

        def request(self, *_: object) -> None:
            """Do."""

        def getresponse(self) -> None:
            raise TimeoutError

        def close(self) -> None:
            """Do."""

    monkeypatch.setattr(program.http.client, "HTTPConnection", Silent)
    assert "did not answer" in fail(*HOME)
    assert plug.heard == []


def test_another_kind_of_device(fail: Run, plug: Plug) -> None:
    plug.type = "msl120"
    assert "another kind (msl120)" in fail(*HOME)
    assert plug.told == []


def test_a_plug_that_is_not_in_pairing_mode(fail: Run, plug: Plug) -> None:
    plug.errors["Appliance.System.All"] = 5001
    assert "not in pairing mode: hold its button for 5 seconds" in fail(*HOME)


def test_a_plug_that_refuses(fail: Run, plug: Plug) -> None:
    plug.errors["Appliance.Config.Key"] = 5000
    assert fail(*HOME) == "The plug refuses Appliance.Config.Key (code 5000)."


def test_a_plug_that_refuses_the_wifi(fail: Run, plug: Plug) -> None:
    plug.errors["Appliance.Config.Wifi"] = 5000
    assert "refuses Appliance.Config.Wifi " in fail(*HOME)


@pytest.mark.parametrize("key", [b"", b"\4" + bytes(64), bytes(65)])
def test_a_plug_with_a_bad_public_key(fail: Run, plug: Plug, key: bytes) -> None:
    plug.ability[ECDHE] = {}
    plug.public_key = key
    assert "a key for encryption that is none" in fail(*HOME)


@pytest.mark.parametrize("answer", [b"", b"AAAA", b"!", b"A" * 64, b'{"error": 1}'])
def test_an_encrypted_answer_that_is_none(fail: Run, plug: Plug, answer: bytes) -> None:
    plug.ability[ECDHE] = {}
    plug.replies["Appliance.System.All"] = response(answer)
    assert "does not speak like a plug" in fail(*HOME)


@pytest.mark.parametrize("networks", [[], None, {}, [wifi("")], ["x"]])
def test_no_network_in_reach(fail: Run, plug: Plug, networks: object) -> None:
    plug.networks = networks
    assert "sees no Wi-Fi" in fail(*BROKER)
    assert plug.told == []


def test_a_network_that_is_not_in_reach(fail: Run, plug: Plug) -> None:
    error = fail(*BROKER, "--ssid", "Else\x07where")
    assert error.startswith("The plug does not see the Wi-Fi Else?where: ")
    assert plug.told == []


@pytest.mark.parametrize("password", ["", "p" * 65, "\N{EURO SIGN}" * 22])
def test_a_password_that_cannot_be(
    fail: Run, plug: Plug, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("MEROSS_WIFI_PASSWORD", password)
    assert "must have 1 to 64 bytes" in fail(*HOME)
    assert plug.told == []


@pytest.mark.parametrize("answers", [(), ("7",)])
def test_there_is_nobody_to_ask(
    fail: Run, plug: Plug, monkeypatch: pytest.MonkeyPatch, answers: tuple[str, ...]
) -> None:
    type_in(monkeypatch, *answers)
    assert "nothing was written" in fail(*BROKER)
    assert plug.told == []


def test_ctrl_c_is_quiet(
    web: Web,
    plug: Plug,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    assert program.main(["--host", web.address, *BROKER]) == 130
    assert capsys.readouterr().err == ""
    assert plug.told == []


def test_help_tells_of_plugs_that_have_no_access_point(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "paired over Bluetooth alone" in said
    assert max(map(len, said.splitlines())) <= 88


def test_it_is_one_executable_file_of_the_standard_library() -> None:
    assert PATH.stat().st_mode & 0o111 == 0o111
    text = PATH.read_text("ascii")
    imported = re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)
    assert set(imported) <= set(sys.stdlib_module_names)
