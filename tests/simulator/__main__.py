"""Run simulated plugs by hand: python -m tests.simulator mss210 mss425e.

With --lan 127.0.0.1:8080 the first answers POST http://127.0.0.1:8080/config, the
next at 8081; with --pairing they are open access points instead, with --cloud they
use the vendor's broker, until Config.Key names another (docs/protocol.md 7).
"""

from argparse import ArgumentParser, Namespace
from contextlib import ExitStack, suppress
import signal
import sys
from threading import Event

from .fleet import Fleet
from .gateway import CLOUD, CLOUD_USER, UNSET
from .http_server import HttpServer
from .models import MODELS
from .plug import SimulatedPlug
from .provisioning import Network


def main() -> None:
    """Run until Ctrl-C."""
    options = _parse()
    gateway = UNSET if options.pairing else CLOUD if options.cloud else None
    user_id = CLOUD_USER if options.cloud else 0
    names = [name for name in options.models for _ in range(options.count)]
    plugs = [
        SimulatedPlug(name, number, key=options.key, user_id=user_id, gateway=gateway)
        for number, name in enumerate(names, options.first)
    ]
    for number, plug in enumerate(plugs, 1):
        plug.on_switched = _print_switched
        print(f"{number:4} {_title(plug)}  fw {plug.model.firmware}  {plug.uuid}")
    # A shell that starts it in the background ignores SIGINT for it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    fleet = Fleet(
        options.host, options.port, protocol=options.protocol, tls=options.tls
    )
    fleet.add(*plugs)
    with suppress(KeyboardInterrupt), fleet, ExitStack() as stack:
        if options.lan:
            _serve_http(plugs, options, stack)
        if sys.stdin and sys.stdin.isatty():
            print("A number and Enter presses a button; 3 2 is outlet 2 of plug 3.")
        sys.stdout.flush()
        for line in sys.stdin or ():
            _press(plugs, line)
        Event().wait()


def _parse() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("models", nargs="+", choices=MODELS, metavar="MODEL")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--key", default="meross")
    parser.add_argument("--protocol", choices=("3.1", "3.1.1"), default="3.1")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--count", type=int, default=1, help="of each model")
    parser.add_argument("--first", type=int, default=1, help="number of the first plug")
    parser.add_argument("--lan", metavar="HOST:PORT", help="serve /config over HTTP")
    parser.add_argument("--pairing", action="store_true", help="open access points")
    parser.add_argument("--cloud", action="store_true", help="use the vendor's broker")
    options = parser.parse_args()
    if options.pairing and not options.lan:
        parser.error("--pairing needs --lan")
    for name in options.models if options.pairing else ():
        if not MODELS[name].has_access_point:
            parser.error(f"{name} is paired by Bluetooth alone")
    return options


def _serve_http(
    plugs: list[SimulatedPlug], options: Namespace, stack: ExitStack
) -> None:
    """Serve each plug's /config, at ports that count up."""
    host, _, port = options.lan.rpartition(":")
    for number, plug in enumerate(plugs, int(port)):
        server = HttpServer(plug, host, number, pairing=options.pairing)
        stack.enter_context(server)
        print(f"{_title(plug)} at http://{server.address}/config")
    if options.pairing:
        network = Network()
        print(f"Wi-Fi in reach: {network.ssid!r}, password {network.password!r}.")


def _press(plugs: list[SimulatedPlug], line: str) -> None:
    """Press the button that a line names."""
    try:
        number, channel = [*map(int, line.split()), 0][:2]
        dict(enumerate(plugs, 1))[number].press(channel)
    except ValueError, KeyError:
        if line.strip():
            print("no such plug or outlet", flush=True)


def _print_switched(plug: SimulatedPlug, channel: int, onoff: int) -> None:
    outlet = plug.model.outlets[channel]
    words = [_title(plug) + " ", outlet, "on" if onoff else "off"]
    print(*filter(None, words), flush=True)


def _title(plug: SimulatedPlug) -> str:
    return f"{plug.model.type.upper()} …{plug.uuid[-4:]}"


if __name__ == "__main__":
    main()
