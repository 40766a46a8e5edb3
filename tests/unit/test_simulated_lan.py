"""The simulated plug over HTTP: as strict as firmware, and led to another broker."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from hashlib import md5
import http.client
import json
from pathlib import Path
import socket
import ssl
from threading import Thread
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
import pytest

from tests.simulator import (
    CLOUD,
    CLOUD_USER,
    UNSET,
    Fleet,
    Lan,
    Network,
    SimulatedPlug,
    sign,
    wait_until,
)
from tests.support.processes.certificates import Kind, make_certificate

from .test_simulator import bench

KEY = "meross"
NOW = 1_700_000_000
REQUEST_ID = "0123456789abcdef0123456789abcdef"
NEW_KEY = "another key, and a long one that reaches past 28"

ABILITY = "Appliance.System.Ability"
ALL = "Appliance.System.All"
CONFIG_KEY = "Appliance.Config.Key"
ECDHE = "Appliance.Encrypt.ECDHE"
SUITE = "Appliance.Encrypt.Suite"
TIME = "Appliance.System.Time"
TOGGLE_X = "Appliance.Control.ToggleX"
TRACE = "Appliance.Config.Trace"
WIFI = "Appliance.Config.Wifi"
WIFI_LIST = "Appliance.Config.WifiList"
WIFI_X = "Appliance.Config.WifiX"

SECOND = Network("café", "s3cret", bssid="02-00-5e-00-53-02", channel=11)
NETWORKS = (Network(), SECOND)

pytestmark = pytest.mark.usefixtures("socket_enabled")


@dataclass
class Place:
    """Where plugs live: a fleet without a broker."""

    fleet: Fleet
    stack: ExitStack

    def plug(self, model: str = "mss210", **options: Any) -> SimulatedPlug:  # noqa: ANN401
        """Bring a plug that restarts at once."""
        quick: dict[str, Any] = {"reboot_delay": 0.02, "reconnect_delay": 0.05}
        options = {"key": KEY, **quick, **options}
        plug = SimulatedPlug(model, len(self.fleet.plugs) + 1, **options)
        self.fleet.add(plug)
        return plug

    def lan(self, plug: SimulatedPlug | str = "mss210", **options: Any) -> Lan:  # noqa: ANN401
        """Open its address."""
        plug = self.plug(plug) if isinstance(plug, str) else plug
        lan = self.stack.enter_context(Lan(plug, **options))
        wait_until(lambda: plug.has_power)
        return lan


@pytest.fixture
def place() -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(stack.enter_context(Fleet()), stack)


@dataclass
class TlsBroker:
    """As much of a broker as a plug needs to be content."""

    port: int = 0
    greeting: bytes = b""
    versions: list[str | None] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __init__(self, folder: Path, kind: Kind = "rsa") -> None:
        """Make a certificate and listen."""
        self.versions, self.errors = [], []
        files = make_certificate(folder, kind)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(files.certificate, files.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port = self._listener.getsockname()[1]
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
    def fields(self) -> list[bytes]:
        """The fields of the CONNECT: client id, user and password."""
        rest, fields = self.greeting[2 + 2 + 6 + 1 + 1 + 2 :], []
        while rest:
            end = 2 + int.from_bytes(rest[:2])
            fields.append(rest[2:end])
            rest = rest[end:]
        return fields

    def _serve(self) -> None:
        while self._is_open:
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            with sock:
                sock.settimeout(2)
                self._greet(sock)

    def _greet(self, sock: socket.socket) -> None:
        try:
            wrapped = self._context.wrap_socket(sock, server_side=True)
        except OSError as error:
            self.errors.append(str(error))
            return
        with wrapped, suppress(TimeoutError, OSError):
            self.versions.append(wrapped.version())
            self.greeting = wrapped.recv(1024)
            wrapped.sendall(b"\x20\x02\x00\x00")
            subscribe = wrapped.recv(1024)
            wrapped.sendall(b"\x90\x03" + subscribe[2:4] + b"\x01")
            wrapped.settimeout(0.05)
            while self._is_open:
                with suppress(TimeoutError):
                    if not wrapped.recv(1024):
                        return


def message(
    namespace: str,
    method: str = "GET",
    payload: object = None,
    *,
    key: str = KEY,
) -> bytes:
    """Write a message as an app does."""
    header = {
        "messageId": REQUEST_ID,
        "namespace": namespace,
        "method": method,
        "payloadVersion": 1,
        "from": "http://10.10.10.1/config",
        "timestamp": NOW,
        "sign": sign(REQUEST_ID, key, NOW),
    }
    return json.dumps({"header": header, "payload": payload or {}}).encode()


def post(lan: Lan, body: bytes) -> bytes | None:
    """Send a body; None where the connection is closed without an answer."""
    connection = http.client.HTTPConnection(lan.address, timeout=3)
    try:
        connection.request("POST", "/config", body)
        return connection.getresponse().read()
    except http.client.RemoteDisconnected, ConnectionError:
        return None
    finally:
        connection.close()


def ask(lan: Lan, *words: Any, **options: Any) -> tuple[str, dict[str, Any]] | None:  # noqa: ANN401
    """Send a message; returns method and payload of the reply."""
    raw = post(lan, message(*words, **options))
    return None if raw is None else read(raw)


def read(raw: bytes) -> tuple[str, dict[str, Any]]:
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
    """Tell of a network with the values of its WifiList."""
    told = {"ssid": base64(network.ssid), "password": base64(network.password)}
    return {"wifi": {**told, **network.needed(), **changes}}


class Secret:
    """The encryption, written anew."""

    def __init__(self, source: bytes) -> None:
        """Derive the key."""
        key = md5(source).hexdigest().encode()  # noqa: S324
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(b"0" * 16))

    def lock(self, text: bytes) -> bytes:
        """Encrypt."""
        text += b"\0" * (-len(text) % 16)
        encryptor = self._cipher.encryptor()
        return b64encode(encryptor.update(text) + encryptor.finalize())

    def open(self, body: bytes) -> bytes:
        """Decrypt."""
        decryptor = self._cipher.decryptor()
        text = decryptor.update(b64decode(body, validate=True)) + decryptor.finalize()
        return text.rstrip(b"\0")

    def ask(self, lan: Lan, *words: Any, **options: Any) -> str | None:  # noqa: ANN401
        """Send a message; returns the method of the reply."""
        raw = post(lan, self.lock(message(*words, **options)))
        return None if raw is None else read(self.open(raw))[0]


def preset(plug: SimulatedPlug, key: str = KEY) -> Secret:
    """Make the key that needs no exchange."""
    return Secret(f"{plug.uuid[3:22]}{key[1:9]}{plug.mac}{key[10:28]}".encode())


def agree(lan: Lan) -> Secret:
    """Exchange keys."""
    ours = ec.generate_private_key(ec.SECP256R1())
    point = ours.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )
    step = {"step": 1, "pubkey": b64encode(point).decode()}
    reply = ask(lan, ECDHE, "SET", {"ecdhe": step})
    assert reply is not None
    method, payload = reply
    assert (method, payload["ecdhe"]["step"]) == ("SETACK", 2)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), b64decode(payload["ecdhe"]["pubkey"])
    )
    return Secret(ours.exchange(ec.ECDH(), theirs))


# In the house.


def test_answers_as_on_mqtt(place: Place) -> None:
    lan = place.lan()
    raw = post(lan, message(ALL))
    assert raw is not None
    header = json.loads(raw)["header"]
    plug = place.fleet.plugs[0]
    assert header["method"] == "GETACK"
    assert header["messageId"] == REQUEST_ID
    assert header["from"] == f"/appliance/{plug.uuid}/publish"
    assert header["sign"] == sign(REQUEST_ID, KEY, header["timestamp"])
    on = {"togglex": {"channel": 0, "onoff": 1}}
    assert ask(lan, TOGGLE_X, "SET", on) == ("SETACK", {})
    assert plug.onoff() == 1
    assert lan.requests == [(ALL, "GET"), (TOGGLE_X, "SET")]


def test_wrong_key_is_refused(place: Place) -> None:
    error = {"error": {"code": 5001, "detail": "sign error"}}
    assert ask(place.lan(), ALL, key="wrong") == ("ERROR", error)


@pytest.mark.parametrize(
    "words",
    [
        ("Appliance.Control.Unheard",),
        ("Appliance.Control.Electricity",),
        (ALL, "PUSH"),
        (ALL, "GETACK"),
        (ECDHE, "SET"),
    ],
)
def test_closes_on(place: Place, words: tuple[str, ...]) -> None:
    assert ask(place.lan(), *words) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"aGVsbG8=", b"\xff" * 64])
@pytest.mark.parametrize("model", ["mss210", "mss110"])
def test_closes_on_junk(place: Place, body: bytes, model: str) -> None:
    assert post(place.lan(model), body) is None


@pytest.mark.parametrize(
    "head",
    [
        b"GET /config HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        b"POST /config HTTP/1.1\r\n\r\n",
        b"POST /config HTTP/1.1\r\nContent-Length: 99999\r\n\r\n",
    ],
)
def test_closes_on_other_requests(place: Place, head: bytes) -> None:
    assert talk(place.lan(), head) == b""


def talk(lan: Lan, data: bytes) -> bytes:
    """Send bytes and read until the end."""
    host, port = lan.address.split(":")
    with socket.create_connection((host, int(port)), 3) as sock, suppress(OSError):
        sock.sendall(data)
        heard = b""
        while more := sock.recv(4096):
            heard += more
        return heard
    return b""


@pytest.mark.parametrize(
    ("model", "end"),
    [("mss210v1", b"\n"), ("mss310", b"\n"), ("mss210", b"\r\n"), ("mss305", b"\r\n")],
)
def test_end_of_header_lines(place: Place, model: str, end: bytes) -> None:
    body = message(ALL)
    head = b"POST /config HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    reply = talk(place.lan(model), head + body)
    assert reply.startswith(b"HTTP/1.1 200 OK" + end + b"Content-Type")
    assert (b"\r" in reply) is (end == b"\r\n")
    assert json.loads(reply.partition(end * 2)[2])["header"]["method"] == "GETACK"


def test_faults(place: Place) -> None:
    lan = place.lan()
    lan.refuse.add(ALL)
    assert ask(lan, ALL) == ("ERROR", {"error": {"code": 5000}})
    lan.refuse = set()
    lan.drop = {ALL}
    assert ask(lan, ALL) is None
    lan.lose = {TOGGLE_X}
    assert ask(lan, TOGGLE_X, "SET", {"togglex": {"channel": 0, "onoff": 1}}) is None
    assert place.fleet.plugs[0].onoff() == 1
    assert len(lan.requests) == 3


def test_silence(place: Place) -> None:
    lan = place.lan()
    lan.silent = True
    connection = http.client.HTTPConnection(lan.address, timeout=0.1)
    connection.request("POST", "/config", message(ALL))
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    lan.silent = False
    assert ask(lan, ALL) is not None


def test_has_no_room_for_two(place: Place) -> None:
    lan = place.lan()
    host, port = lan.address.split(":")
    second = http.client.HTTPConnection(lan.address, timeout=0.1)
    with socket.create_connection((host, int(port))):
        second.request("POST", "/config", message(ALL))
        with pytest.raises(TimeoutError):
            second.getresponse()
    second.close()
    assert ask(lan, ALL) is not None


def test_does_not_answer_without_power(place: Place) -> None:
    lan = place.lan()
    plug = place.fleet.plugs[0]
    plug.power_off()
    assert ask(lan, ALL) is None
    plug.power_on()
    assert ask(lan, ALL) is not None


def test_can_be_asked_without_a_socket(place: Place) -> None:
    lan = Lan(place.plug())
    raw = lan.answer(message(ALL))
    assert raw is not None
    assert read(raw)[0] == "GETACK"


# Another broker.


def firmware(lan: Lan, key: str = KEY) -> dict[str, Any]:
    """Ask which broker it knows."""
    reply = ask(lan, ALL, key=key)
    assert reply is not None
    return dict(reply[1]["all"]["system"]["firmware"])


def told(firmware: dict[str, Any]) -> list[object]:
    """Pick what Config.Key writes."""
    names = ("server", "port", "secondServer", "secondPort", "userId")
    return [firmware.get(name) for name in names]


@pytest.mark.parametrize("model", ["mss210v1", "mss310", "mss210", "mss305"])
def test_goes_from_the_cloud_to_the_written_broker(
    place: Place, tmp_path: Path, model: str
) -> None:
    plug = place.plug(model, gateway=CLOUD, user_id=CLOUD_USER)
    lan = place.lan(plug)
    cloud = ["iot.meross.com", 443, "smart.meross.com", 443, 46884]
    assert told(firmware(lan)) == cloud
    with TlsBroker(tmp_path) as broker:
        payload = key_payload(broker.port)
        assert ask(lan, CONFIG_KEY, "SET", payload) == ("SETACK", {})
        wait_until(lambda: plug.is_connected)
        mine = ["127.0.0.1", broker.port, "192.0.2.7", 8884, 7]
        assert told(firmware(lan, NEW_KEY)) == mine
        assert plug.boots == 2
        plug.power_off()
        wait_until(lambda: not plug.is_connected)
    assert broker.versions == ["TLSv1.2"]
    assert broker.greeting[2:10] == b"\x00\x06MQIsdp"
    # MQTT 3.1, a user and a password, a clean session, no will, 120 s.
    assert broker.greeting[10:14] == b"\x03\xc2\x00\x78"
    client_id, user, password = broker.fields
    assert client_id.startswith(f"fmware:{plug.uuid}_".encode())
    assert len(client_id) == 56
    assert user == plug.mac.encode()
    digest = md5(f"{plug.mac}{NEW_KEY}".encode()).hexdigest()  # noqa: S324
    assert password == f"7_{digest}".encode()


def test_leaves_its_broker_for_the_written_one(place: Place, tmp_path: Path) -> None:
    with TlsBroker(tmp_path) as first, TlsBroker(tmp_path) as second:
        plug = place.plug(gateway=None)
        lan = place.lan(plug)
        for broker, key in ((first, KEY), (second, NEW_KEY)):
            payload = key_payload(str(broker.port))
            assert ask(lan, CONFIG_KEY, "SET", payload, key=key) == ("SETACK", {})
            wait_until(lambda broker=broker: broker.greeting)  # type: ignore[misc]
            wait_until(lambda: plug.is_connected)
        assert plug.connections == 2
        plug.power_off()


def test_takes_no_ecdsa_certificate(place: Place, tmp_path: Path) -> None:
    plug = place.plug(gateway=CLOUD)
    lan = place.lan(plug)
    with TlsBroker(tmp_path, "ecdsa") as broker:
        ask(lan, CONFIG_KEY, "SET", key_payload(broker.port))
        wait_until(lambda: len(broker.errors) > 1)
    assert "NO_SHARED_CIPHER" in broker.errors[0]
    assert plug.connections == 0


def test_never_goes_to_the_vendor_nor_to_unknown_hosts(place: Place) -> None:
    plug = place.plug(gateway=UNSET)
    lan = place.lan(plug)
    assert told(firmware(lan)) == ["", 0, "", 0, 0]
    assert ask(lan, CONFIG_KEY, "SET", key_payload(443, "iot.meross.com"))
    wait_until(lambda: plug.boots == 2)
    ask(lan, CONFIG_KEY, "SET", key_payload(443, "broker.invalid"), key=NEW_KEY)
    wait_until(lambda: plug.boots == 3)
    assert firmware(lan, NEW_KEY)["server"] == "broker.invalid"


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
def test_refuses_a_malformed_key(place: Place, change: dict[str, Any]) -> None:
    lan = place.lan()
    payload = {"key": key_payload(8883)["key"] | change}
    assert ask(lan, CONFIG_KEY, "SET", payload) == ("ERROR", {"error": {"code": 5000}})
    assert place.fleet.plugs[0].key == KEY


def test_older_firmware_takes_an_empty_key_and_one_broker(place: Place) -> None:
    lan = place.lan("mss310")
    gateway = {"host": "127.0.0.1", "port": 9}
    payload = {"key": {"userId": "0", "key": "", "gateway": gateway}}
    assert ask(lan, CONFIG_KEY, "SET", payload) == ("SETACK", {})
    wait_until(lambda: place.fleet.plugs[0].boots == 2)
    assert told(firmware(lan, "")) == ["127.0.0.1", 9, "", 0, 0]


# Pairing.


def pairing(place: Place, model: str = "mss210", **options: Any) -> Lan:  # noqa: ANN401
    """Open a plug's access point."""
    plug = place.plug(model, key="")
    return place.lan(plug, pairing=True, networks=NETWORKS, **options)


@pytest.mark.parametrize("model", ["mss210v1", "mss310", "mss210"])
def test_is_paired(place: Place, tmp_path: Path, model: str) -> None:
    lan = pairing(place, model)
    plug = place.fleet.plugs[0]
    assert ask(lan, TRACE, key="any") is not None
    assert ask(lan, ALL, key="any") is not None
    zone = {"time": {"timestamp": NOW, "timezone": "Europe/Rome"}}
    assert ask(lan, TIME, "SET", zone) == ("SETACK", {})
    # Whatever it knew before, it has forgotten.
    assert firmware(lan)["server"] == ""
    reply = ask(lan, WIFI_LIST)
    assert reply is not None
    _, second = reply[1]["wifiList"]
    assert b64decode(second["ssid"]).decode() == "café"
    assert second["signal"] == 80
    with TlsBroker(tmp_path) as broker:
        payload = key_payload(broker.port)
        assert ask(lan, CONFIG_KEY, "SET", payload) == ("SETACK", {})
        assert not lan.joined
        assert ask(lan, WIFI, "SET", wifi(SECOND)) == ("SETACK", {})
        wait_until(lambda: plug.is_connected)
        assert lan.joined
        assert (lan.ssid, lan.password_heard) == ("café", "s3cret")
        # The access point is gone; in the house it is another address.
        assert ask(lan, ALL, key=NEW_KEY) is None
        assert firmware(place.lan(plug), NEW_KEY)["port"] == broker.port
        plug.power_off()


def test_wifi_x_is_encrypted(place: Place) -> None:
    lan = pairing(place)
    plug = place.fleet.plugs[0]
    secret = Secret(f"{plug.model.type}{plug.uuid}{plug.mac}".encode())
    password = secret.lock(b"s3cret").decode()
    ask(lan, CONFIG_KEY, "SET", key_payload(9))
    told = wifi(SECOND, password=password)
    assert ask(lan, WIFI_X, "SET", told) == ("SETACK", {})
    wait_until(lambda: lan.joined)
    assert lan.password_heard == "s3cret"


def test_wifi_x_where_there_is_none(place: Place) -> None:
    assert ask(pairing(place, "mss310"), WIFI_X, "SET", wifi()) is None


@pytest.mark.parametrize(
    "change",
    [
        {"password": base64("wrong")},
        {"ssid": base64("elsewhere")},
        {"channel": 1},
        {"encryption": 3},
        {"cipher": 4},
        {"bssid": "02-00-5e-00-53-01"},
    ],
)
def test_comes_back_where_it_cannot_join(place: Place, change: dict[str, Any]) -> None:
    lan = pairing(place)
    plug = place.fleet.plugs[0]
    ask(lan, CONFIG_KEY, "SET", key_payload(9))
    assert ask(lan, WIFI, "SET", wifi(**change)) == ("SETACK", {})
    wait_until(lambda: plug.boots == 2)
    assert not lan.joined
    assert ask(lan, WIFI, "SET", wifi()) == ("SETACK", {})
    wait_until(lambda: lan.joined)


def test_comes_back_where_it_knows_no_broker(place: Place) -> None:
    lan = pairing(place)
    assert ask(lan, WIFI, "SET", wifi()) == ("SETACK", {})
    wait_until(lambda: place.fleet.plugs[0].boots == 2)
    assert not lan.joined


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"wifi": []},
        wifi(ssid=None),
        wifi(ssid=""),
        wifi(ssid="home"),
        wifi(ssid=base64("x" * 33)),
        wifi(password="%"),
        wifi(password=base64("x" * 65)),
    ],
)
def test_refuses_a_malformed_network(place: Place, payload: dict[str, Any]) -> None:
    error = ("ERROR", {"error": {"code": 5000}})
    lan = pairing(place)
    assert ask(lan, WIFI, "SET", payload) == error
    assert lan.ssid == ""


def test_is_told_of_no_network_in_the_house(place: Place) -> None:
    reply = ask(place.lan(), WIFI, "SET", wifi())
    assert reply == ("ERROR", {"error": {"code": 5000}})


def test_a_plug_that_ran_is_put_into_pairing(place: Place, tmp_path: Path) -> None:
    plug = place.plug()
    lan = place.lan(plug)
    with TlsBroker(tmp_path) as broker:
        ask(lan, CONFIG_KEY, "SET", key_payload(broker.port))
        wait_until(lambda: plug.is_connected)
        access_point = place.lan(plug, pairing=True)
        wait_until(lambda: not plug.is_connected)
    assert ask(lan, ALL, key=NEW_KEY) is None
    assert ask(access_point, ALL, key="any") is not None


def test_bluetooth_plugs_have_no_access_point() -> None:
    with pytest.raises(ValueError, match="Bluetooth"):
        Lan(SimulatedPlug("mss305"), pairing=True)


# Encryption.


def test_plain_requests_are_closed_on(place: Place) -> None:
    lan = place.lan("mss110")
    assert ask(lan, ALL) is None
    reply = ask(lan, ABILITY)
    assert reply is not None
    assert ECDHE in reply[1]["ability"]
    suite = {"suite": {"ka": "ecdhe256", "se": "mrskey", "ds": ""}}
    assert ask(lan, SUITE) == ("GETACK", suite)


def test_encrypted_with_an_agreed_key(place: Place) -> None:
    lan = place.lan("mss110")
    secret = agree(lan)
    assert secret.ask(lan, ALL) == "GETACK"
    assert secret.ask(lan, ALL, key="wrong") == "ERROR"
    other = agree(lan)
    assert secret.ask(lan, ALL) is None
    assert other.ask(lan, ALL) == "GETACK"


def test_an_agreed_key_does_not_outlive_a_boot(place: Place) -> None:
    lan = place.lan("mss110")
    plug = place.fleet.plugs[0]
    secret = agree(lan)
    assert secret.ask(lan, CONFIG_KEY, "SET", key_payload(9)) == "SETACK"
    wait_until(lambda: plug.boots == 2)
    assert secret.ask(lan, ALL, key=NEW_KEY) is None
    assert preset(plug).ask(lan, ALL, key=NEW_KEY) is None
    assert preset(plug, NEW_KEY).ask(lan, ALL, key=NEW_KEY) == "GETACK"


def test_encrypted_with_the_preset_key_alone(place: Place) -> None:
    lan = place.lan("mss110", ecdhe=False)
    error = ("ERROR", {"error": {"code": 5000}})
    point = {"step": 1, "pubkey": ""}
    assert ask(lan, ECDHE, "SET", {"ecdhe": point}) == error
    assert preset(place.fleet.plugs[0]).ask(lan, ALL) == "GETACK"


@pytest.mark.parametrize("point", [None, "", "%", base64("x" * 65)])
def test_refuses_a_bad_public_key(place: Place, point: object) -> None:
    error = ("ERROR", {"error": {"code": 5000}})
    step = {"ecdhe": {"step": 1, "pubkey": point}}
    assert ask(place.lan("mss110"), ECDHE, "SET", step) == error


def test_plain_plugs_do_not_decrypt(place: Place) -> None:
    lan = place.lan("mss210")
    assert preset(place.fleet.plugs[0]).ask(lan, ALL) is None


def test_pairing_is_encrypted_too(place: Place) -> None:
    lan = pairing(place, "mss110")
    assert ask(lan, WIFI_LIST) is None
    secret = agree(lan)
    assert secret.ask(lan, CONFIG_KEY, "SET", key_payload(9)) == "SETACK"
    assert secret.ask(lan, WIFI, "SET", wifi()) == "SETACK"
    wait_until(lambda: lan.joined)


# Over MQTT.


def test_takes_another_broker_over_mqtt_too() -> None:
    plug = bench("mss210", reboot_delay=2)
    (reply,) = plug.hear(CONFIG_KEY, "SET", key_payload(8883))
    assert (reply.words, reply.payload) == (("Key", "SETACK"), {})
    # Signed with the key that the request was signed with.
    header = reply.header
    assert header["sign"] == sign(header["messageId"], KEY, header["timestamp"])
    plug.wait(1)
    assert plug.events[-1][1] == "sever"
    plug.wait(2)
    assert plug.events[-1][1] == "connect"
    assert plug.plug.key == NEW_KEY
    assert plug.said()[-1].payload["bind"]["firmware"]["server"] == "127.0.0.1"


def test_plug_without_power_stays_away_after_it_was_told() -> None:
    plug = bench("mss210")
    plug.hear(CONFIG_KEY, "SET", key_payload(8883))
    plug.plug.power_off()
    plug.wait(60)
    assert plug.events[-1][1] == "sever"
