"""The simulated plug over HTTP: as strict as firmware, and moved to another broker."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from hashlib import md5
import http.client
import json
from pathlib import Path
import re
import socket
import ssl
from threading import Thread
from typing import Any, Self

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
    ABILITY,
    ALL,
    ECDHE,
    KEY as CONFIG_KEY,
    SUITE,
    TIME,
    TOGGLE_X,
    WIFI,
    WIFI_LIST,
    WIFI_X,
)
from tests.support.processes.certificates import Kind, make_certificate

from .bench import KEY, NOW, REQUEST_ID, kind, ready, request
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


class TlsBroker:
    """As much of a broker as a plug needs to stay connected."""

    def __init__(self, folder: Path, kind: Kind = "rsa") -> None:
        """Make a certificate and listen."""
        self.connect = b""
        """The CONNECT packet of the last client."""
        self.versions: list[str | None] = []
        self.errors: list[str] = []
        files = make_certificate(folder, kind)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(files.certificate, files.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port: int = self._listener.getsockname()[1]
        self._is_open = True
        self._thread = Thread(target=self._serve)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._is_open = False
        self._thread.join()
        self._listener.close()

    @property
    def fields(self) -> list[str]:
        """The fields of the CONNECT: client id, user and password."""
        rest, fields = self.connect[2 + 2 + 6 + 1 + 1 + 2 :], []
        while rest:
            end = 2 + int.from_bytes(rest[:2])
            fields.append(rest[2:end].decode())
            rest = rest[end:]
        return fields

    def _serve(self) -> None:
        while self._is_open:
            with suppress(TimeoutError):
                sock, _ = self._listener.accept()
                sock.settimeout(2)
                with sock:
                    self._handle(sock)

    def _handle(self, sock: socket.socket) -> None:
        try:
            wrapped = self._context.wrap_socket(sock, server_side=True)
        except OSError as error:
            self.errors.append(str(error))
            return
        with wrapped, suppress(OSError):
            self.versions.append(wrapped.version())
            self.connect = wrapped.recv(1024)
            wrapped.sendall(b"\x20\x02\x00\x00")
            subscribe = wrapped.recv(1024)
            wrapped.sendall(b"\x90\x03" + subscribe[2:4] + b"\x01")
            wrapped.settimeout(0.05)
            while self._is_open:
                with suppress(TimeoutError):
                    if not wrapped.recv(1024):
                        return


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[TlsBroker]:
    with TlsBroker(tmp_path / "broker") as broker:
        yield broker


def send_raw(server: HttpServer, data: bytes) -> bytes:
    """Send bytes and read until the end."""
    host, port = server.address.split(":")
    received = b""
    with socket.create_connection((host, int(port)), 3) as sock, suppress(OSError):
        sock.sendall(data)
        while more := sock.recv(4096):
            received += more
    return received


def post(server: HttpServer, body: bytes, timeout: float = 3) -> bytes | None:
    """Send a body; None where the connection is closed without an answer."""
    connection = http.client.HTTPConnection(server.address, timeout=timeout)
    try:
        connection.request("POST", "/config", body)
        return connection.getresponse().read()
    except http.client.RemoteDisconnected, ConnectionError:
        return None
    finally:
        connection.close()


def ask(server: HttpServer, *fields: Any, **options: Any) -> Reply | None:  # noqa: ANN401
    """Send a request; return method and payload of the reply."""
    raw = post(server, request(*fields, **options))
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


class Secret:
    """An encrypted connection."""

    def __init__(self, source: bytes) -> None:
        """Derive the key."""
        self._key = md5(source).hexdigest().encode()  # noqa: S324

    def encrypt(self, text: bytes) -> bytes:
        """Encrypt and encode."""
        padded = text + b"\0" * (-len(text) % 16)
        return b64encode(program.encrypt(padded, self._key))

    def ask(self, server: HttpServer, *fields: Any, **options: Any) -> str | None:  # noqa: ANN401
        """Send a request; return the method of the reply."""
        raw = post(server, self.encrypt(request(*fields, **options)))
        if raw is None:
            return None
        text = program.decrypt(b64decode(raw, validate=True), self._key)
        return read(text.rstrip(b"\0"))[0]


def preset(plug: SimulatedPlug, key: str = KEY) -> Secret:
    """Make the key that needs no exchange."""
    return Secret(f"{plug.uuid[3:22]}{key[1:9]}{plug.mac}{key[10:28]}".encode())


def agree(server: HttpServer) -> Secret:
    """Exchange keys."""
    private = 2**200 + 3
    point = program.encode_point(program.multiply(private, program.GENERATOR))
    step = {"step": 1, "pubkey": b64encode(point).decode()}
    reply = ask(server, ECDHE, "SET", {"ecdhe": step})
    assert reply is not None
    method, payload = reply
    assert (method, payload["ecdhe"]["step"]) == ("SETACK", 2)
    theirs = program.decode_point(b64decode(payload["ecdhe"]["pubkey"]))
    return Secret(program.multiply(private, theirs)[0].to_bytes(32))


# On the network.


def test_answers_as_on_mqtt(server: HttpServer) -> None:
    raw = post(server, request(ALL))
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


def test_faults(server: HttpServer) -> None:
    server.refuse.add(ALL)
    assert ask(server, ALL) == REJECTED
    server.refuse = set()
    server.drop = {ALL}
    assert ask(server, ALL) is None
    server.lose = {TOGGLE_X}
    assert ask(server, TOGGLE_X, "SET", ON) is None
    assert server.plug.onoff() == 1
    assert len(server.requests) == 3


def test_silence(server: HttpServer) -> None:
    server.silent = True
    with pytest.raises(TimeoutError):
        post(server, request(ALL), timeout=0.1)
    server.silent = False
    assert ask(server, ALL) is not None


def test_serves_one_connection_at_a_time(server: HttpServer) -> None:
    host, port = server.address.split(":")
    with (
        socket.create_connection((host, int(port))),
        pytest.raises(TimeoutError),
    ):
        post(server, request(ALL), timeout=0.1)
    assert ask(server, ALL) is not None


def test_does_not_answer_without_power(server: HttpServer) -> None:
    server.plug.power_off()
    assert ask(server, ALL) is None
    server.plug.power_on()
    assert ask(server, ALL) is not None


def test_answers_without_a_socket(env: Environment) -> None:
    raw = HttpServer(env.add()).answer(request(ALL))
    assert raw is not None
    assert read(raw)[0] == "GETACK"


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
    env: Environment, broker: TlsBroker, model: str
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
    plug.power_off()
    wait_until(lambda: not plug.is_connected)
    assert broker.versions == ["TLSv1.2"]
    assert broker.connect[2:10] == b"\x00\x06MQIsdp"
    # MQTT 3.1, a user and a password, a clean session, no will, 120 s.
    assert broker.connect[10:14] == b"\x03\xc2\x00\x78"
    client_id, user, password = broker.fields
    assert re.fullmatch(f"fmware:{plug.uuid}_.{{16}}", client_id)
    digest = md5(f"{plug.mac}{NEW_KEY}".encode()).hexdigest()  # noqa: S324
    assert (user, password) == (plug.mac, f"7_{digest}")


def test_leaves_its_broker_for_the_written_one(
    server: HttpServer, broker: TlsBroker, tmp_path: Path
) -> None:
    plug = server.plug
    with TlsBroker(tmp_path) as second:
        for one, key in ((broker, KEY), (second, NEW_KEY)):
            payload = key_payload(str(one.port))
            assert ask(server, CONFIG_KEY, "SET", payload, key=key) == ACKNOWLEDGED
            wait_until(lambda one=one: one.connect)  # type: ignore[misc]
            wait_until(lambda: plug.is_connected)
        assert plug.connections == 2
        plug.power_off()


def test_takes_no_ecdsa_certificate(env: Environment, tmp_path: Path) -> None:
    server = env.serve(env.add(gateway=CLOUD))
    with TlsBroker(tmp_path, "ecdsa") as broker:
        ask(server, CONFIG_KEY, "SET", key_payload(broker.port))
        wait_until(lambda: len(broker.errors) > 1)
    assert "NO_SHARED_CIPHER" in broker.errors[0]
    assert server.plug.connections == 0


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


@pytest.mark.parametrize(
    "change",
    [
        {"userId": 7},
        {"userId": ""},
        {"userId": "me"},
        {"key": None},
        {"key": ""},
        {"gateway": {"host": "", "port": 1}},
        {"gateway": {"host": "x"}},
        {"gateway": {"host": "x", "port": 0}},
        {"gateway": {"host": "x", "port": "all"}},
        {"gateway": {"host": "x", "port": True}},
        {"gateway": {"host": "x", "port": 1, "secondPort": 65536}},
        {"gateway": {"host": "x", "port": 1, "secondHost": None}},
        {"gateway": []},
    ],
)
def test_malformed_key_is_rejected(server: HttpServer, change: dict[str, Any]) -> None:
    payload = {"key": key_payload(8883)["key"] | change}
    assert ask(server, CONFIG_KEY, "SET", payload) == REJECTED
    assert server.plug.key == KEY


MALFORMED: list[tuple[str, dict[str, Any]]] = [
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
    assert server.provisioning.ssid == ""


# Pairing.


@pytest.mark.parametrize("model", ["mss210v1", "mss310", "mss210"])
def test_is_paired(env: Environment, broker: TlsBroker, model: str) -> None:
    server = env.pair(model)
    plug, provisioning = server.plug, server.provisioning
    assert ask(server, ALL, key="any") is not None
    zone = {"time": {"timestamp": NOW, "timezone": "Europe/Rome"}}
    assert ask(server, TIME, "SET", zone) == ACKNOWLEDGED
    # It has lost the broker that it had before.
    assert gateway_of(server)[0] == ""
    reply = ask(server, WIFI_LIST)
    assert reply is not None
    _, second = reply[1]["wifiList"]
    assert (second["ssid"], second["signal"]) == (base64("café"), 80)
    assert ask(server, CONFIG_KEY, "SET", key_payload(broker.port)) == ACKNOWLEDGED
    assert not provisioning.joined
    assert ask(server, WIFI, "SET", wifi(SECOND)) == ACKNOWLEDGED
    wait_until(lambda: plug.is_connected)
    assert provisioning.joined
    assert (provisioning.ssid, provisioning.password) == ("café", b"s3cret")
    # The access point is gone; on the network it has another address.
    assert ask(server, ALL, key=NEW_KEY) is None
    assert gateway_of(env.serve(plug), NEW_KEY)[1] == broker.port
    plug.power_off()


def test_wifi_x_is_encrypted(access_point: HttpServer) -> None:
    plug = access_point.plug
    secret = Secret(f"{plug.model.type}{plug.uuid}{plug.mac}".encode())
    written = wifi(SECOND, password=secret.encrypt(b"s3cret").decode())
    ask(access_point, CONFIG_KEY, "SET", key_payload(9))
    assert ask(access_point, WIFI_X, "SET", written) == ACKNOWLEDGED
    wait_until(lambda: access_point.provisioning.joined)
    assert access_point.provisioning.password == b"s3cret"


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
    env: Environment, server: HttpServer, broker: TlsBroker
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


def test_answers_some_plain_requests(env: Environment) -> None:
    server = env.serve("mss110")
    reply = ask(server, ABILITY)
    assert reply is not None
    assert ECDHE in reply[1]["ability"]
    assert ask(server, SUITE) is not None


def test_encrypted_with_an_agreed_key(env: Environment) -> None:
    server = env.serve("mss110")
    secret = agree(server)
    assert secret.ask(server, ALL) == "GETACK"
    assert secret.ask(server, ALL, key="wrong") == "ERROR"
    other = agree(server)
    assert secret.ask(server, ALL) is None
    assert other.ask(server, ALL) == "GETACK"


def test_an_agreed_key_does_not_outlive_a_boot(env: Environment) -> None:
    server = env.serve("mss110")
    plug = server.plug
    secret = agree(server)
    assert secret.ask(server, CONFIG_KEY, "SET", key_payload(9)) == "SETACK"
    wait_until(lambda: plug.boots == 2)
    assert secret.ask(server, ALL, key=NEW_KEY) is None
    assert preset(plug).ask(server, ALL, key=NEW_KEY) is None
    assert preset(plug, NEW_KEY).ask(server, ALL, key=NEW_KEY) == "GETACK"


def test_encrypted_with_the_preset_key_alone(env: Environment) -> None:
    server = env.serve("mss110", ecdhe=False)
    point = {"ecdhe": {"step": 1, "pubkey": ""}}
    assert ask(server, ECDHE, "SET", point) == REJECTED
    assert preset(server.plug).ask(server, ALL) == "GETACK"


def test_plain_plugs_do_not_decrypt(env: Environment) -> None:
    server = env.serve("mss210")
    assert preset(server.plug).ask(server, ALL) is None


def test_pairing_is_encrypted_too(env: Environment) -> None:
    server = env.pair("mss110")
    assert ask(server, WIFI_LIST) is None
    secret = agree(server)
    assert secret.ask(server, CONFIG_KEY, "SET", key_payload(9)) == "SETACK"
    assert secret.ask(server, WIFI, "SET", wifi()) == "SETACK"
    wait_until(lambda: server.provisioning.joined)


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
