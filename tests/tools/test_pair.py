"""scripts/pair, run in this process against a simulated access point."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import md5
from io import BytesIO, StringIO, TextIOWrapper
from itertools import chain, repeat
import json
import re
import socket
import sys
import time
from typing import Any, override

import pytest

from tests.simulator import Fleet, Gateway, HttpServer, Network, SimulatedPlug, payloads
from tests.simulator.answers import Answer
from tests.simulator.families import ODD_NAMES, OTHER_FAMILIES
from tests.simulator.namespaces import (
    ABILITY,
    ALL,
    ECDHE,
    KEY,
    TIME,
    WIFI,
    WIFI_LIST,
    WIFI_X,
)

from .program import PATH, load

pytestmark = pytest.mark.usefixtures("socket_enabled")

program = load()

BROKER = ("--broker", "192.168.1.10:8883")
HOME = (*BROKER, "--ssid", "Home")
PASSWORD = "secret of home"
NETWORKS = [
    Network("Home", PASSWORD, signal=90, channel=11),
    Network("Next", " pass word ", signal=20),
]


def response(body: bytes, *, status: str = "200 OK") -> bytes:
    """Build an HTTP response."""
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (
        status.encode(),
        len(body),
        body,
    )


def plug_response(method: str, namespace: str, payload: object, **http: str) -> bytes:
    """Build the response of a plug."""
    header = {"method": method, "namespace": namespace}
    return response(json.dumps({"header": header, "payload": payload}).encode(), **http)


class AccessPoint(HttpServer):
    """The HTTP server of a plug in pairing mode, which may respond anything."""

    def __init__(self, plug: SimulatedPlug) -> None:
        """Prepare."""
        super().__init__(plug, pairing=True, networks=NETWORKS)
        self.replies: dict[str, bytes] = {}
        """What is sent instead of the plug's response, by namespace."""
        self.received: list[tuple[str, bytes]] = []
        """Head and body of each request."""
        self.stream: Iterable[bytes] = ()
        """What is sent instead of the first response, until the client leaves."""

    @override
    def _response(self, head: str, body: bytes) -> bytes | None:
        self.received.append((head, body))
        reply = super()._response(head, body)
        return self.replies.get(self.messages[-1].namespace, reply)

    @override
    def _handle(self, connection: socket.socket) -> None:
        for data in self.stream:
            connection.sendall(data)
        super()._handle(connection)

    @property
    def written(self) -> list[tuple[str, dict[str, Any]]]:
        """Namespace and payload of each SET, in order."""
        return [
            (message.namespace, message.payload)
            for message in self.messages
            if message.method == "SET"
        ]

    def written_to(self, namespace: str, name: str) -> dict[str, Any]:
        """Return what was written to a namespace."""
        payload = dict(self.written)[namespace][name]
        assert isinstance(payload, dict)
        return payload


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the password and the time zone."""
    monkeypatch.setenv("MEROSS_WIFI_PASSWORD", PASSWORD)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setattr(sys, "stdin", StringIO())


@pytest.fixture
def model() -> str:
    """Return the model, which a test may set: the default has no WifiX."""
    return "mss310"


@pytest.fixture
def ap(model: str) -> Iterator[AccessPoint]:
    """Serve the access point of a plug, which does not return after its restart."""
    plug = SimulatedPlug(model, reboot_delay=600)
    with Fleet() as fleet:
        fleet.add(plug)
        with AccessPoint(plug) as server:
            yield server


type Run = Callable[..., str]


@pytest.fixture
def run(ap: AccessPoint, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the program to success and returns its output."""

    def run(*arguments: str) -> str:
        code = program.main(["--host", ap.address, *arguments])
        captured = capsys.readouterr()
        assert (code, captured.err) == (0, "")
        return captured.out

    return run


@pytest.fixture
def fail(ap: AccessPoint, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that lets the program fail and returns its one sentence."""

    def fail(*arguments: str) -> str:
        assert program.main(["--host", ap.address, *arguments]) == 1
        error = capsys.readouterr().err
        assert re.fullmatch(r"[^\n]+\n", error)
        return error.strip()

    return fail


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Pipe answers into the program."""
    text = "".join(f"{line}\n" for line in lines)
    monkeypatch.setattr(sys, "stdin", StringIO(text))


type Prepare = Callable[[AccessPoint], object]


def reply(namespace: str, raw: bytes) -> Prepare:
    """Replace the plug's response."""
    return lambda ap: ap.replies.update({namespace: raw})


def answer(method: str, namespace: str, payload: dict[str, Any]) -> Prepare:
    """Replace the payload of the plug's answer."""
    handler = {(method, namespace): lambda _: Answer(payload)}
    return lambda ap: ap.handlers.update(handler)


def reject(namespace: str, code: int) -> Prepare:
    """Reject a request."""
    return lambda ap: ap.plug.faults.refused.update({namespace: code})


def describe(**texts: str) -> Prepare:
    """Replace texts of the hardware in System.All."""

    def prepare(ap: AccessPoint) -> None:
        payload = payloads.system_all(ap.plug.device)
        payload["all"]["system"]["hardware"] |= texts
        answer("GET", ALL, payload)(ap)

    return prepare


def become(ap: AccessPoint, **changes: Any) -> None:  # noqa: ANN401
    """Change the plug's model."""
    ap.plug.model = ap.plug.device.model = replace(ap.plug.model, **changes)


# What is written


def test_everything_is_written_in_order(run: Run, ap: AccessPoint) -> None:
    before = int(time.time())
    output = run(*HOME)

    namespaces = [namespace for namespace, _ in ap.written]
    assert namespaces == [KEY, TIME, WIFI]
    gateway = {"host": "192.168.1.10", "port": 8883, "redirect": 1}
    gateway |= {"secondHost": "192.168.1.10", "secondPort": 8883}
    key = {"userId": "0", "key": "meross", "gateway": gateway}
    assert ap.written_to(KEY, "key") == key
    clock = ap.written_to(TIME, "time")
    assert before <= clock.pop("timestamp") <= time.time()
    assert clock == {"timezone": "Europe/Berlin"}
    network = ap.provisioning.networks[0].describe()
    assert network.pop("signal") == 90
    password = b64encode(PASSWORD.encode()).decode()
    assert ap.written_to(WIFI, "wifi") == {**network, "password": password}
    assert "blinks green" in output
    assert "within a minute" in output


def test_every_message_is_well_formed(run: Run, ap: AccessPoint) -> None:
    run(*HOME, "--key", "a key", "--user-id", "46884", "--timezone", "Europe/Rome")

    headers = [json.loads(body)["header"] for _, body in ap.received]
    for header in headers:
        sign = f"{header['messageId']}a key{header['timestamp']}"
        assert re.fullmatch("[0-9a-f]{32}", header["messageId"])
        assert header["sign"] == md5(sign.encode()).hexdigest()  # noqa: S324
        assert header["payloadVersion"] == 1
        assert header["timestampMs"] == 0
        assert header["from"] == "http://127.0.0.1/config"
    assert len({header["messageId"] for header in headers}) == len(headers) == 6
    key = ap.written_to(KEY, "key")
    assert (key["key"], key["userId"]) == ("a key", "46884")
    assert ap.written_to(TIME, "time")["timezone"] == "Europe/Rome"
    for head, _ in ap.received:
        lines = head.split("\r\n")
        assert lines[0] == "POST /config HTTP/1.1"
        assert {"Connection: close", "Content-Type: application/json"} <= {*lines}


@pytest.mark.parametrize("host", ["broker.lan", "127.0.0.1"])
def test_the_port_of_tls_is_the_default(run: Run, ap: AccessPoint, host: str) -> None:
    # Only a simulated plug can use a broker on this computer.
    run("--broker", host, "--ssid", "Home")
    assert ap.plug.gateway == Gateway.twice(host, 8883)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_plug_is_known_by_its_ability(run: Run, ap: AccessPoint, name: str) -> None:
    become(ap, type=name)
    run(*HOME)
    assert ap.plug.gateway is not None


@pytest.mark.parametrize("model", ["mss110"])
def test_everything_but_the_ability_is_encrypted(run: Run, ap: AccessPoint) -> None:
    run(*HOME)
    namespaces = [namespace for namespace, _ in ap.written]
    assert namespaces == [ECDHE, KEY, TIME, WIFI_X]
    for number, (head, body) in enumerate(ap.received):
        assert body.startswith(b"{") is (number < 2)
        assert ("Content-Type: text/plain" in head.splitlines()) is (number >= 2)


def test_a_reply_without_a_length_ends_with_the_connection(
    run: Run, ap: AccessPoint
) -> None:
    reply = plug_response("SETACK", KEY, {}).partition(b"\r\n\r\n")[2]
    ap.replies[KEY] = b"HTTP/1.0 200 OK\n\n" + reply
    run(*HOME)
    assert ap.provisioning.ssid == "Home"


def test_a_plug_without_time_is_written_none(run: Run, ap: AccessPoint) -> None:
    ability = ap.plug.model.ability
    become(ap, ability={name: it for name, it in ability.items() if name != TIME})
    run(*HOME, "--timezone", "Europe/Rome")
    assert [namespace for namespace, _ in ap.written] == [KEY, WIFI]


def test_a_plug_that_rejects_the_time_is_paired_all_the_same(
    run: Run, ap: AccessPoint
) -> None:
    ap.refuse.add(TIME)
    assert "Home Assistant will set it" in run(*HOME)
    assert ap.provisioning.ssid == "Home"


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


def test_windows_has_no_time_zones(
    run: Run, ap: AccessPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program.zoneinfo, "available_timezones", set)
    run(*HOME)
    assert "timezone" not in ap.written_to(TIME, "time")


@pytest.mark.parametrize("model", ["mss310", "mss210", "mss110"])
@pytest.mark.parametrize("fault", ["drop", "lose"])
def test_the_last_reply_may_be_lost(run: Run, ap: AccessPoint, fault: str) -> None:
    getattr(ap, fault).update({WIFI, WIFI_X})
    assert "Done." in run(*HOME)
    assert ap.provisioning.ssid == ("Home" if fault == "lose" else "")


# What is read


def test_a_plug_is_only_read(run: Run, ap: AccessPoint) -> None:
    output = run("--read")
    mac = ap.plug.mac
    password = md5(f"{mac}meross".encode()).hexdigest()  # noqa: S324
    for text in ("MSS310", "2.0.0", "2.1.17", mac, f"0_{password}"):
        assert text in output
    assert ap.requests == [(ABILITY, "GET"), (ALL, "GET")]


def test_the_login_of_a_trace(run: Run) -> None:
    # docs/protocol.md 6.1: MAC, key and password of two real plugs.
    assert program.md5("34:29:8f:ff:ff:ff" + "testkey").startswith("5ac868a8")
    assert program.md5("48:e1:e9:b6:2c:49").startswith("14ef86a5")
    assert "46884_" in run("--read", "--user-id", "46884")


def test_networks_are_listed_once_and_the_strongest_first(
    run: Run, ap: AccessPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries: list[object] = [
        network.describe()
        for network in (
            Network("Far", signal=5),
            Network("Home", signal=30, channel=1),
            Network("Home", signal=80, channel=6),
            Network("Home", signal=40, channel=11),
            Network("", signal=100),
            Network("Caf\N{LATIN SMALL LETTER E WITH ACUTE}\x1b[2J", signal=60),
        )
    ]
    entries += [
        {"ssid": "//4=", "signal": 50, "encryption": 0, "cipher": 0},
        {"ssid": "no base64!", "signal": 99},
        {"signal": 99},
        "nothing",
    ]
    answer("GET", WIFI_LIST, {"wifiList": entries})(ap)
    type_in(monkeypatch, "0", "x", "5", "", "\N{SUPERSCRIPT TWO}", " 1 ")
    output = run(*BROKER)

    listed = re.findall(r"^ *(\d+)  (\S+) +(\d+) %( +open)?$", output, re.MULTILINE)
    assert listed == [
        ("1", "Home", "80", ""),
        ("2", "Caf\N{LATIN SMALL LETTER E WITH ACUTE}?[2J", "60", ""),
        ("3", "\N{REPLACEMENT CHARACTER}" * 2, "50", "  open"),
        ("4", "Far", "5", ""),
    ]
    assert "\x1b" not in output
    assert ap.written_to(WIFI, "wifi")["channel"] == 6


def test_an_open_network_needs_no_password(
    run: Run, ap: AccessPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEROSS_WIFI_PASSWORD")
    ap.provisioning.networks[:] = [Network("Home", "", encryption=0, cipher=0)]
    run(*HOME)
    assert ap.written_to(WIFI, "wifi")["password"] == ""


@pytest.mark.parametrize(
    ("typed", "credentials"),
    [
        (b"2\n pass word \n", ("Next", b" pass word ")),
        (b"1\n\xff\xfepass\r\n", ("Home", b"\xff\xfepass")),
    ],
)
def test_number_and_password_are_read_from_a_pipe(
    run: Run,
    ap: AccessPoint,
    monkeypatch: pytest.MonkeyPatch,
    typed: bytes,
    credentials: tuple[str, bytes],
) -> None:
    monkeypatch.delenv("MEROSS_WIFI_PASSWORD")
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(typed)))
    run(*BROKER)
    assert (ap.provisioning.ssid, ap.provisioning.password) == credentials


@pytest.mark.parametrize("model", ["mss210"])
@pytest.mark.parametrize("length", [1, 15, 16, 17, 63, 64])
def test_passwords_of_every_length_are_encrypted(
    run: Run, ap: AccessPoint, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setenv("MEROSS_WIFI_PASSWORD", "p" * length)
    run(*HOME)
    encrypted = b64decode(ap.written_to(WIFI_X, "wifi")["password"])
    # One zero at least ends a text for firmware.
    assert len(encrypted) == length // 16 * 16 + 16
    assert ap.provisioning.password == b"p" * length


# Errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "enter the broker: --broker HOST:PORT"),
        *(
            (("--broker", broker), "is not HOST or HOST:PORT")
            for broker in (
                "mqtts://10.0.0.1",
                "10.0.0.1:",
                "10.0.0.1:0",
                "10.0.0.1:65536",
                "10.0.0.1:mqtt",
                "::1",
            )
        ),
        *(
            (("--host", "10.10.10.1", "--broker", broker), "would only reach itself")
            for broker in ("localhost", "LOCALHOST.:8883", "127.1.2.3", "0.0.0.0")  # noqa: S104
        ),
        (("--broker", "a b\x1b"), r"a b\? is not HOST or HOST:PORT"),
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
    fail: Run, ap: AccessPoint, arguments: tuple[str, ...], sentence: str
) -> None:
    assert re.search(sentence, fail(*arguments), re.IGNORECASE)
    assert ap.received == []


@pytest.mark.parametrize(
    "error",
    [socket.gaierror(), UnicodeError(), TimeoutError(), ConnectionRefusedError()],
)
def test_an_address_that_cannot_be_reached(
    fail: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def connect(_: object) -> None:
        raise error

    monkeypatch.setattr(program.http.client.HTTPConnection, "connect", connect)
    assert fail(*HOME).startswith("Could not connect to 127.0.0.1: make sure")


OTHER_DEVICES = [
    response(b"<html>router</html>"),
    response(b"", status="404 Not Found"),
    response(b"{}", status="301 Moved\r\nLocation: http://127.0.0.1:1/"),
    response(b"[]"),
    response(b"\xff\xfe"),
    response(b"[" * 100_000),
    response(b'{"header": [], "payload": {"error": 1}}'),
    plug_response("GETACK", ABILITY, {"ability": []}),
    plug_response("GETACK", ABILITY, {"ability": {}}, status="500 Server Error"),
    plug_response("GETACK", ALL, {"ability": {}}),
    plug_response("SETACK", ABILITY, {"ability": {}}),
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000 + b"\r\n\r\n",
]
NO_DESCRIPTIONS: list[dict[str, Any]] = [
    {},
    {"all": []},
    {"all": {"system": {"hardware": {}}}},
    {"all": {"system": {"hardware": "x", "firmware": "y"}}},
]
# What keys are derived from has a known form.
NO_TEXTS: list[dict[str, str]] = [
    {"macAddress": "48:e1:e9:00:00:0\ud800"},
    {"uuid": "+"},
    {"type": "mss310\ud800"},
]
NO_NETWORKS: list[object] = [[], None, {}, [Network("").describe()], ["x"]]
NOT_A_PLUG = "The device at 127.0.0.1 is not a Meross plug."
LOST = "did not respond: make sure that this computer is still in the plug's Wi-Fi"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"

# What is changed, the number of requests until the error, and the error.
ERRORS: list[tuple[Prepare, int, str]] = [
    *((reply(ABILITY, raw), 1, NOT_A_PLUG) for raw in OTHER_DEVICES),
    *((answer("GET", ALL, payload), 2, NOT_A_PLUG) for payload in NO_DESCRIPTIONS),
    *((describe(**texts), 2, NOT_A_PLUG) for texts in NO_TEXTS),
    (reject(ALL, 5001), 2, "not in pairing mode: hold its button for 5 seconds"),
    *(
        (
            partial(
                become,
                type=name,
                ability={key: {} for key in {*family.ability} - {ECDHE}},
            ),
            2,
            f"another device ({name})",
        )
        for name, family in OTHER_FAMILIES.items()
    ),
    *(
        (answer("GET", WIFI_LIST, {"wifiList": networks}), 3, "found no Wi-Fi")
        for networks in NO_NETWORKS
    ),
    (lambda ap: ap.provisioning.networks.pop(0), 3, "did not find the Wi-Fi Home: "),
    (reject(KEY, 5000), 4, "rejected Appliance.Config.Key (code 5000)."),
    (lambda ap: ap.drop.add(KEY), 4, LOST),
    (reply(KEY, CUT), 4, LOST),
    (reject(WIFI, 5000), 6, "rejected Appliance.Config.Wifi (code 5000)."),
]


@pytest.mark.parametrize(("prepare", "requests", "sentence"), ERRORS)
def test_errors_of_a_plug(
    fail: Run, ap: AccessPoint, prepare: Prepare, requests: int, sentence: str
) -> None:
    prepare(ap)
    assert sentence in fail(*HOME)
    assert len(ap.received) == requests


def _public_key(key: bytes) -> Prepare:
    step = {"step": 2, "pubkey": b64encode(key).decode()}
    return answer("SET", ECDHE, {"ecdhe": step})


@pytest.mark.parametrize("model", ["mss110"])
@pytest.mark.parametrize(
    ("prepare", "requests", "sentence"),
    [
        *(
            (_public_key(key), 2, "an invalid key for encryption")
            for key in (b"", b"\4" + bytes(64), bytes(65))
        ),
        *(
            (reply(ALL, response(raw)), 3, NOT_A_PLUG)
            for raw in (b"", b"AAAA", b"!", b"A" * 64, b'{"error": 1}')
        ),
    ],
)
def test_errors_of_an_encrypted_plug(
    fail: Run, ap: AccessPoint, prepare: Prepare, requests: int, sentence: str
) -> None:
    prepare(ap)
    assert sentence in fail(*HOME)
    assert len(ap.received) == requests


def test_the_name_of_a_network_is_printed_safely(fail: Run, ap: AccessPoint) -> None:
    error = fail(*BROKER, "--ssid", "Else\x07where")
    assert error.startswith("The plug did not find the Wi-Fi Else?where: ")
    assert ap.written == []


def test_a_plug_may_scan_for_longer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    post, timeouts = program.Plug.post, []

    def record(plug: object, body: bytes, timeout: float) -> object:
        timeouts.append(timeout)
        return post(plug, body, timeout)

    monkeypatch.setattr(program.Plug, "post", record)
    run(*HOME)
    assert timeouts == [10, 10, 20, 10, 10, 10]


def test_a_plug_that_is_silent(
    fail: Run, ap: AccessPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "TIMEOUT", 0.1)
    monkeypatch.setattr(program.Plug.request, "__defaults__", (0.1,))
    ap.silent = True
    assert "did not respond" in fail(*HOME)
    assert ap.messages == []


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_plug_that_sends_a_byte_at_a_time(
    fail: Run, ap: AccessPoint, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    """Each is in time, their sum is not."""
    monkeypatch.setattr(program.Plug.request, "__defaults__", (0.5,))
    ap.stream = chain([head], repeat_slowly(b"H"))
    started = time.monotonic()
    assert "did not respond" in fail(*HOME)
    assert time.monotonic() - started < 5


def repeat_slowly(data: bytes) -> Iterator[bytes]:
    """Yield the same data all the time, ten times a second."""
    while True:
        time.sleep(0.1)
        yield data


def test_a_plug_that_sends_without_end(fail: Run, ap: AccessPoint) -> None:
    ap.stream = chain([b"HTTP/1.1 200 OK\r\n\r\n"], repeat(b" " * 4096))
    assert fail(*HOME) == NOT_A_PLUG


@pytest.mark.parametrize("password", ["", "p" * 65, "\N{EURO SIGN}" * 22])
def test_an_impossible_password(
    fail: Run, ap: AccessPoint, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("MEROSS_WIFI_PASSWORD", password)
    assert "must have 1 to 64 bytes" in fail(*HOME)
    assert ap.written == []


@pytest.mark.parametrize("answers", [(), ("7",)])
def test_the_input_ends(
    fail: Run,
    ap: AccessPoint,
    monkeypatch: pytest.MonkeyPatch,
    answers: tuple[str, ...],
) -> None:
    type_in(monkeypatch, *answers)
    assert "nothing was written" in fail(*BROKER)
    assert ap.written == []


def test_ctrl_c_is_quiet(
    ap: AccessPoint,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    assert program.main(["--host", ap.address, *BROKER]) == 130
    assert capsys.readouterr().err == ""
    assert ap.written == []


def test_help_names_the_plugs_without_an_access_point(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--help"])
    output = capsys.readouterr().out
    assert ended.value.code == 0
    assert "paired over Bluetooth only" in output
    assert max(map(len, output.splitlines())) <= 88


def test_it_is_one_executable_file_of_the_standard_library() -> None:
    assert PATH.stat().st_mode & 0o111 == 0o111
    text = PATH.read_text("ascii")
    imported = re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)
    assert set(imported) <= set(sys.stdlib_module_names)
