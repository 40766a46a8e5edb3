"""The simulated plug over HTTP: as strict as firmware, and moved to another broker."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
import json
from pathlib import Path
import re
import socket
import ssl
from typing import Any

import pytest

from tests.simulator import (
    CLOUD,
    CLOUD_USER,
    UNSET,
    Fleet,
    HttpServer,
    Network,
    SimulatedPlug,
    sign,
    wait_until,
)
from tests.simulator.namespaces import (
    ALL,
    ECDHE,
    KEY as CONFIG_KEY,
    SUITE,
    TOGGLE_X,
    WIFI,
    WIFI_X,
)
from tests.support.mini_broker import MiniBroker
from tests.support.processes.certificates import make_certificate

from .bench import KEY, REQUEST_ID, kind, ready, request
from .program import load

NEW_KEY = "another key, and a long one that reaches past 28"
SECOND = Network("café", "s3cret", bssid="02-00-5e-00-53-02", channel=11)
NETWORKS = (Network(), SECOND)
ON = {"togglex": {"channel": 0, "onoff": 1}}

type Reply = tuple[str, dict[str, Any]]

ACKNOWLEDGED: Reply = ("SETACK", {})
REJECTED: Reply = ("ERROR", {"error": {"code": 5000}})
SIGN_ERROR: Reply = ("ERROR", {"error": {"code": 5001, "detail": "sign error"}})

# The encryption of scripts/pair, which shares no code with the simulator.
program = load()

pytestmark = pytest.mark.usefixtures("socket_enabled")


@dataclass
class Environment:
    """A fleet without a broker, and HTTP servers."""

    fleet: Fleet
    stack: ExitStack

    def add(self, model: str = "mss210", **options: Any) -> SimulatedPlug:  # noqa: ANN401
        """Add a plug that restarts at once."""
        quick: dict[str, Any] = {"reboot_delay": 0.02, "reconnect_delay": 0.05}
        options = {"key": KEY, **quick, **options}
        plug = SimulatedPlug(model, len(self.fleet.plugs) + 1, **options)
        self.fleet.add(plug)
        return plug

    def serve(self, plug: SimulatedPlug | str = "mss210", **options: Any) -> HttpServer:  # noqa: ANN401
        """Serve its address."""
        plug = self.add(plug) if isinstance(plug, str) else plug
        server = self.stack.enter_context(HttpServer(plug, **options))
        wait_until(lambda: plug.has_power)
        return server

    def pair(self, model: str = "mss210") -> HttpServer:
        """Serve a plug's access point."""
        return self.serve(self.add(model, key=""), pairing=True, networks=NETWORKS)


@pytest.fixture
def env() -> Iterator[Environment]:
    with ExitStack() as stack:
        yield Environment(stack.enter_context(Fleet()), stack)


@pytest.fixture
def server(env: Environment) -> HttpServer:
    """Serve a plug of the default model."""
    return env.serve()


@pytest.fixture
def access_point(env: Environment) -> HttpServer:
    """Serve its access point."""
    return env.pair()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MiniBroker]:
    files = make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    with MiniBroker(context) as broker:
        yield broker


def send_raw(server: HttpServer, data: bytes, timeout: float = 3) -> bytes:
    """Send bytes and read until the end, or until the timeout."""
    host, port = server.address.split(":")
    received = b""
    with (
        socket.create_connection((host, int(port)), timeout) as sock,
        suppress(OSError),
    ):
        sock.sendall(data)
        while more := sock.recv(4096):
            received += more
    return received


def ask(server: HttpServer, *fields: Any, **options: Any) -> Reply | None:  # noqa: ANN401
    """Send a request; None where the connection is closed without an answer."""
    raw = server.answer(request(*fields, **options))
    return None if raw is None else read(raw)


def read(raw: bytes) -> Reply:
    """Take a reply apart."""
    data = json.loads(raw)
    return data["header"]["method"], data["payload"]


def key_payload(port: int | str, host: str = "127.0.0.1") -> dict[str, Any]:
    """Name a broker as tools do."""
    gateway = {
        "host": host,
        "port": port,
        "secondHost": "192.0.2.7",
        "secondPort": "8884",
        "redirect": 1,
    }
    return {"key": {"userId": "7", "key": NEW_KEY, "gateway": gateway}}


def base64(text: str) -> str:
    """Encode a text."""
    return b64encode(text.encode()).decode()


def wifi(network: Network = NETWORKS[0], **changes: object) -> dict[str, Any]:
    """Name a network with the values of its WifiList."""
    credentials = {"ssid": base64(network.ssid), "password": base64(network.password)}
    return {"wifi": {**credentials, **network.required(), **changes}}


def client(server: HttpServer, secret: bytes | None = None, *, key: str = KEY) -> Any:  # noqa: ANN401
    """Return a client that encrypts without the simulator's code."""
    host, port = server.address.split(":")
    plug = program.Plug(host, int(port), key)
    plug.secret = secret
    return plug


def agree(server: HttpServer) -> Any:  # noqa: ANN401
    """Return a client with an exchanged key."""
    plug = client(server)
    plug.agree_on_a_secret()
    return plug


def preset(plug: SimulatedPlug, key: str = KEY) -> bytes:
    """Return the key that needs no exchange."""
    text = f"{plug.uuid[3:22]}{key[1:9]}{plug.mac}{key[10:28]}"
    return str(program.md5(text)).encode()


# On the network.


def test_answers_as_on_mqtt(server: HttpServer) -> None:
    raw = server.answer(request(ALL))
    assert raw is not None
    header = json.loads(raw)["header"]
    assert (header["method"], header["messageId"]) == ("GETACK", REQUEST_ID)
    assert header["from"] == f"/appliance/{server.plug.uuid}/publish"
    assert header["sign"] == sign(REQUEST_ID, KEY, header["timestamp"])
    assert ask(server, TOGGLE_X, "SET", ON) == ACKNOWLEDGED
    assert server.plug.onoff() == 1
    assert server.requests == [(ALL, "GET"), (TOGGLE_X, "SET")]
    assert ask(server, ALL, key="wrong") == SIGN_ERROR


def http_request(body: bytes) -> bytes:
    """Write a POST to /config."""
    return b"POST /config HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


JUNK = [http_request(body) for body in (b"", b"{", b"[]", b"aGVsbG8=", b"\xff" * 64)]


@pytest.mark.parametrize(
    ("model", "data"),
    [
        ("mss210", http_request(request("Appliance.Control.Unknown"))),
        ("mss210", http_request(request("Appliance.Control.Electricity"))),
        ("mss210", http_request(request(ALL, "PUSH"))),
        ("mss210", http_request(request(ALL, "GETACK"))),
        ("mss210", http_request(request(ECDHE, "SET"))),
        ("mss110", http_request(request(ALL))),
        *(("mss210", junk) for junk in JUNK),
        *(("mss110", junk) for junk in JUNK),
        ("mss210", b"GET /config HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
        ("mss210", b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
        ("mss210", b"POST /config HTTP/1.1\r\n\r\n"),
        ("mss210", b"POST /config HTTP/1.1\r\nContent-Length: 99999\r\n\r\n"),
    ],
)
def test_closes_on(env: Environment, model: str, data: bytes) -> None:
    assert send_raw(env.serve(model), data) == b""


@pytest.mark.parametrize(
    ("model", "end"),
    [("mss210v1", b"\n"), ("mss310", b"\n"), ("mss210", b"\r\n"), ("mss305", b"\r\n")],
)
def test_end_of_header_lines(env: Environment, model: str, end: bytes) -> None:
    reply = send_raw(env.serve(model), http_request(request(ALL)))
    assert reply.startswith(b"HTTP/1.1 200 OK" + end + b"Content-Type")
    assert (b"\r" in reply) is (end == b"\r\n")
    assert read(reply.partition(end * 2)[2])[0] == "GETACK"


def test_serves_one_connection_at_a_time(server: HttpServer) -> None:
    host, port = server.address.split(":")
    data = http_request(request(ALL))
    with socket.create_connection((host, int(port))):
        assert send_raw(server, data, timeout=0.1) == b""
    assert send_raw(server, data)


def test_does_not_answer_without_power(server: HttpServer) -> None:
    server.plug.power_off()
    assert ask(server, ALL) is None
    server.plug.power_on()
    assert ask(server, ALL) is not None


# Another broker.


def gateway_of(server: HttpServer, key: str = KEY) -> list[object]:
    """Read back what Config.Key writes."""
    reply = ask(server, ALL, key=key)
    assert reply is not None
    firmware = reply[1]["all"]["system"]["firmware"]
    names = ("server", "port", "secondServer", "secondPort", "userId")
    return [firmware.get(name) for name in names]


@pytest.mark.parametrize("model", ["mss210v1", "mss310", "mss210", "mss305"])
def test_moves_from_the_cloud_to_the_written_broker(
    env: Environment, broker: MiniBroker, model: str
) -> None:
    plug = env.add(model, gateway=CLOUD, user_id=CLOUD_USER)
    server = env.serve(plug)
    cloud = ["iot.meross.com", 443, "smart.meross.com", 443, 46884]
    assert gateway_of(server) == cloud
    assert ask(server, CONFIG_KEY, "SET", key_payload(broker.port)) == ACKNOWLEDGED
    wait_until(lambda: plug.is_connected)
    written = ["127.0.0.1", broker.port, "192.0.2.7", 8884, 7]
    assert gateway_of(server, NEW_KEY) == written
    assert plug.boots == 2
    # It disconnects from one broker to use the next.
    again = key_payload(str(broker.port))
    assert ask(server, CONFIG_KEY, "SET", again, key=NEW_KEY) == ACKNOWLEDGED
    wait_until(lambda: plug.connections == 2)
    assert len({login.client_id for login in broker.logins}) == 2
    for login in broker.logins:
        assert (login.protocol, login.level) == ("MQIsdp", 3)
        # A user and a password, a clean session, no will.
        assert (login.flags, login.keepalive) == (0xC2, 120)
        assert re.fullmatch(f"fmware:{plug.uuid}_.{{16}}", login.client_id)
        assert login.user == plug.mac
        assert login.password == f"7_{program.md5(plug.mac + NEW_KEY)}"


def test_never_connects_to_the_vendor_nor_to_unknown_hosts(env: Environment) -> None:
    server = env.serve(env.add(gateway=UNSET))
    plug = server.plug
    assert gateway_of(server) == ["", 0, "", 0, 0]
    assert ask(server, CONFIG_KEY, "SET", key_payload(443, "iot.meross.com"))
    wait_until(lambda: plug.boots == 2)
    payload = key_payload(443, "broker.invalid")
    assert ask(server, CONFIG_KEY, "SET", payload, key=NEW_KEY)
    wait_until(lambda: plug.boots == 3)
    assert gateway_of(server, NEW_KEY)[0] == "broker.invalid"


def test_older_firmware_takes_an_empty_key_and_one_broker(env: Environment) -> None:
    server = env.serve("mss310")
    gateway = {"host": "127.0.0.1", "port": 9}
    payload = {"key": {"userId": "0", "key": "", "gateway": gateway}}
    assert ask(server, CONFIG_KEY, "SET", payload) == ACKNOWLEDGED
    wait_until(lambda: server.plug.boots == 2)
    assert gateway_of(server, "") == ["127.0.0.1", 9, "", 0, 0]


# Malformed requests.


MALFORMED_KEYS: list[dict[str, Any]] = [
    *({"userId": user_id} for user_id in (7, "", "me")),
    *({"key": key} for key in (None, "")),
    {"gateway": []},
    *({"gateway": it} for it in ({"host": "", "port": 1}, {"host": "x"})),
    *({"gateway": {"host": "x", "port": port}} for port in (0, "all", True)),
    {"gateway": {"host": "x", "port": 1, "secondPort": 65536}},
    {"gateway": {"host": "x", "port": 1, "secondHost": None}},
]
MALFORMED: list[tuple[str, dict[str, Any]]] = [
    *((CONFIG_KEY, {"key": key_payload(9)["key"] | it}) for it in MALFORMED_KEYS),
    *((WIFI, wifi(ssid=ssid)) for ssid in (None, "", "home", base64("x" * 33))),
    *((WIFI, wifi(password=it)) for it in ("%", base64("x" * 65))),
    (WIFI, {}),
    (WIFI, {"wifi": []}),
    *(
        (ECDHE, {"ecdhe": {"step": 1, "pubkey": point}})
        for point in (None, "", "%", base64("x" * 65))
    ),
]


@pytest.mark.parametrize(("namespace", "payload"), MALFORMED)
def test_malformed_request_is_rejected(
    env: Environment, namespace: str, payload: dict[str, Any]
) -> None:
    server = env.pair("mss110" if namespace == ECDHE else "mss210")
    assert ask(server, namespace, "SET", payload) == REJECTED
    assert (server.provisioning.ssid, server.plug.key) == ("", "")


# Pairing.


def test_is_paired(access_point: HttpServer, env: Environment) -> None:
    server, plug, provisioning = (
        access_point,
        access_point.plug,
        access_point.provisioning,
    )
    # It has lost the broker that it had before, and accepts any key.
    assert gateway_of(server, "any")[0] == ""
    assert ask(server, CONFIG_KEY, "SET", key_payload(9)) == ACKNOWLEDGED
    assert not provisioning.joined
    assert ask(server, WIFI, "SET", wifi(SECOND)) == ACKNOWLEDGED
    wait_until(lambda: provisioning.joined)
    assert (provisioning.ssid, provisioning.password) == ("café", b"s3cret")
    # The access point is gone; on the network it has another address.
    assert ask(server, ALL, key=NEW_KEY) is None
    assert gateway_of(env.serve(plug), NEW_KEY)[1] == 9


def test_wifi_x_where_there_is_none(env: Environment) -> None:
    assert ask(env.pair("mss310"), WIFI_X, "SET", wifi()) is None


@pytest.mark.parametrize(
    "change",
    [
        {"password": base64("wrong")},
        {"ssid": base64("elsewhere")},
        {"channel": 1},
        {"encryption": 3},
        {"cipher": 4},
        {"bssid": "02-00-5e-00-53-01"},
        {"broker": None},
    ],
)
def test_returns_to_pairing_where_it_cannot_join(
    access_point: HttpServer, change: dict[str, Any]
) -> None:
    if "broker" not in change:
        ask(access_point, CONFIG_KEY, "SET", key_payload(9))
    assert ask(access_point, WIFI, "SET", wifi(**change)) == ACKNOWLEDGED
    wait_until(lambda: access_point.plug.boots == 2)
    assert not access_point.provisioning.joined
    ask(access_point, CONFIG_KEY, "SET", key_payload(9), key=NEW_KEY)
    assert ask(access_point, WIFI, "SET", wifi()) == ACKNOWLEDGED
    wait_until(lambda: access_point.provisioning.joined)


def test_takes_no_network_unless_it_is_pairing(server: HttpServer) -> None:
    assert ask(server, WIFI, "SET", wifi()) == REJECTED


def test_a_plug_that_ran_is_put_into_pairing(
    env: Environment, server: HttpServer, broker: MiniBroker
) -> None:
    ask(server, CONFIG_KEY, "SET", key_payload(broker.port))
    wait_until(lambda: server.plug.is_connected)
    access_point = env.serve(server.plug, pairing=True)
    wait_until(lambda: not server.plug.is_connected)
    assert ask(server, ALL, key=NEW_KEY) is None
    assert ask(access_point, ALL, key="any") is not None


def test_bluetooth_plugs_have_no_access_point() -> None:
    with pytest.raises(ValueError, match="Bluetooth"):
        HttpServer(SimulatedPlug("mss305"), pairing=True)


# Encryption.


def test_encrypted_with_an_agreed_key(env: Environment) -> None:
    server = env.serve("mss110")
    assert ask(server, SUITE) is not None
    plug = agree(server)
    assert plug.request("GET", ALL, {})
    plug.key = "wrong"
    with pytest.raises(program.PairingError, match="code 5001"):
        plug.request("GET", ALL, {})
    plug.key = KEY
    other = agree(server)
    with pytest.raises(program.LostError):
        plug.request("GET", ALL, {})
    assert other.request("GET", ALL, {})


def test_an_agreed_key_does_not_outlive_a_boot(env: Environment) -> None:
    server = env.serve("mss110")
    agreed = agree(server)
    agreed.request("SET", CONFIG_KEY, key_payload(9))
    wait_until(lambda: server.plug.boots == 2)
    for secret in (agreed.secret, preset(server.plug)):
        with pytest.raises(program.LostError):
            client(server, secret, key=NEW_KEY).request("GET", ALL, {})
    secret = preset(server.plug, NEW_KEY)
    assert client(server, secret, key=NEW_KEY).request("GET", ALL, {})


def test_encrypted_with_the_preset_key_alone(env: Environment) -> None:
    server = env.serve("mss110", ecdhe=False)
    with pytest.raises(program.PairingError, match="code 5000"):
        agree(server)
    assert client(server, preset(server.plug)).request("GET", ALL, {})


def test_plain_plugs_do_not_decrypt(server: HttpServer) -> None:
    with pytest.raises(program.LostError):
        client(server, preset(server.plug)).request("GET", ALL, {})


# Over MQTT.


def test_takes_another_broker_over_mqtt_too() -> None:
    bench = ready("mss210", reboot_delay=2)
    (reply,) = bench.receive(CONFIG_KEY, "SET", key_payload(8883))
    assert (kind(reply), reply.message.payload) == (("Key", "SETACK"), {})
    # Signed with the key that the request was signed with.
    assert reply.message.is_signed_with(KEY)
    bench.wait(1)
    assert bench.events[-1][1] == "sever"
    published = bench.wait(2)
    assert bench.events[-1][1] == "connect"
    assert bench.plug.key == NEW_KEY
    bind = published[-1].message.payload["bind"]
    assert bind["firmware"]["server"] == "127.0.0.1"


def test_plug_without_power_does_not_restart() -> None:
    bench = ready("mss210")
    bench.receive(CONFIG_KEY, "SET", key_payload(8883))
    bench.plug.power_off()
    bench.wait(60)
    assert bench.events[-1][1] == "sever"
