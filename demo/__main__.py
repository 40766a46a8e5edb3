"""Start everything in order, print where it is, and stop everything at Ctrl-C."""

import asyncio
from contextlib import AsyncExitStack, suppress
import fcntl
import importlib.metadata
import os
from pathlib import Path
import shutil
import signal
import sys
from typing import Any

from tests.support.processes.client import CallError, Client
from tests.support.processes.hass import HomeAssistant
from tests.support.processes.process import Process, ProcessError, free_port, is_free
from tests.support.processes.storage import NAME, PASSWORD, Broker

from .broker import choose_broker
from .dashboard import DOMAIN, PATH, devices_of_demo, make_dashboard
from .plugs import MODELS, Simulator, TerminalSimulator

FOLDER = Path(__file__).parents[1] / ".cache" / "demo"
FIRST_PORT = int(os.environ.get("MEROSS_DEMO_PORT", "8123"))
PORTS = range(FIRST_PORT, FIRST_PORT + 100)

# Seconds until all plugs have switches; they reconnect every few seconds.
SETUP_TIMEOUT = 60.0


class DemoError(Exception):
    """The demo cannot go on; the reason is printed."""


async def run(folder: Path) -> None:
    """Run until cancelled, or until one of the processes ends by itself."""
    port = _choose_port()
    async with AsyncExitStack() as stack:

        async def start(process: Any) -> None:  # noqa: ANN401
            stack.push_async_callback(process.stop)
            await process.start()

        broker = choose_broker(folder / "broker")
        print(f"Starting {broker.name} …", flush=True)
        await start(broker)

        version = importlib.metadata.version("homeassistant")
        print(f"Starting Home Assistant {version} …", flush=True)
        mqtt = Broker(port=broker.port, protocol=broker.hass_protocol)
        hass = HomeAssistant(sys.executable, folder / "config", mqtt, port)
        await start(hass)
        await hass.client.mqtt_is_ready()

        print("Starting the plugs:", flush=True)
        options = ["--port", str(broker.port), "--protocol", broker.plug_protocol]
        plugs = TerminalSimulator(*options, *MODELS, log=folder / "plugs.log")
        await start(plugs)
        address = f"127.0.0.1:{free_port()}"
        options = ["--cloud", "--lan", address, "--first", str(len(MODELS) + 1)]
        await start(Simulator(*options, "mss310", log=folder / "cloud_plug.log"))
        await _set_up(hass.client)
        await make_dashboard(hass.client)
        _print_welcome(hass.url, address, broker.tls_port)
        await asyncio.gather(
            _fail_when_ended("Home Assistant", hass.process),
            _fail_when_ended("The broker", broker.process),
            _fail_when_ended("The simulator", plugs),
        )


def _choose_port() -> int:
    for port in PORTS:
        if is_free(port):
            if port != FIRST_PORT:
                print(f"Port {FIRST_PORT} is taken; this uses {port}.", flush=True)
            return port
    raise DemoError(f"All ports from {PORTS[0]} to {PORTS[-1]} are taken.")


async def _set_up(client: Client) -> None:
    """Confirm the card of the discovered plugs."""
    try:
        async with asyncio.timeout(SETUP_TIMEOUT):
            while not (flows := await client.discovered(DOMAIN)):
                await asyncio.sleep(0.1)
            await client.answer_flow(flows[0]["flow_id"])
            while not await _all_are_available(client):
                await asyncio.sleep(0.1)
    except TimeoutError:
        log = FOLDER / "config" / "output.log"
        raise DemoError(
            f"The plugs did not appear in Home Assistant. See its log:\n{log}"
        ) from None


async def _all_are_available(client: Client) -> bool:
    """Return whether every plug has switches that are available."""
    states = await client.states("switch")
    available = {
        entity["device_id"]
        for entity in await client.command("config/entity_registry/list")
        if states.get(entity["entity_id"], {}).get("state") in ("on", "off")
    }
    devices = {device["id"] for device in await devices_of_demo(client)}
    return len(devices) == len(MODELS) and devices <= available


def _print_welcome(url: str, address: str, tls_port: int | None) -> None:
    text = f"""
Ready: {url}/{PATH}
Log in as {NAME} with the password {PASSWORD}.

Switch the plugs there: each plug that is switched prints a line here.
Type a plug's number and Enter to press its button; "3 2" is outlet 2 of the strip.
Ctrl-C ends the demo.
"""
    if tls_port is not None:
        text += f"""
One more plug uses the vendor's broker. Import it with "Add plug", "It is on my Wi-Fi":
{url}/config/integrations/integration/{DOMAIN}
Its address is {address}; the port of the broker is {tls_port}.
"""
    print(text, flush=True)


async def _fail_when_ended(name: str, process: Process) -> None:
    await process.ended()
    raise DemoError(f"{name} has ended. Its logs are in {FOLDER}")


async def _run_until_stopped(folder: Path) -> None:
    """Run; Ctrl-C, SIGTERM and a closed terminal all stop it in order."""
    demo = asyncio.create_task(run(folder))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, demo.cancel)
    with suppress(asyncio.CancelledError):
        await demo


def main() -> int:
    """Run the demo once at a time: it starts afresh in the same folder."""
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("The demo is already running; end that one first.", file=sys.stderr)
            return 1
        shutil.rmtree(FOLDER, ignore_errors=True)
        try:
            asyncio.run(_run_until_stopped(FOLDER))
        except (DemoError, ProcessError, CallError, OSError) as error:
            print(f"Error: {error}", file=sys.stderr)
            return 1
    # The terminal may be gone by now.
    with suppress(OSError):
        print("\nThe demo has ended.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
