"""Starts everything in order, says where it is, and ends everything at Ctrl-C."""

import asyncio
from collections.abc import Coroutine
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
from tests.support.processes.process import ProcessError, is_free
from tests.support.processes.storage import NAME, PASSWORD, Broker

from .broker import choose_broker
from .dashboard import DOMAIN, PATH, make_dashboard
from .plugs import MODELS, CloudPlug, Plugs

FOLDER = Path(__file__).parents[1] / ".cache" / "demo"
FIRST_PORT = int(os.environ.get("MEROSS_DEMO_PORT", "8123"))
PORTS = range(FIRST_PORT, FIRST_PORT + 100)

# Seconds until all plugs have switches; they try again every few seconds.
PATIENCE = 60.0


class DemoError(Exception):
    """The demo cannot go on; the reason is for a person to read."""


async def run(folder: Path) -> None:
    """Run until cancelled, or until one of the processes ends by itself."""
    port = _choose_port()
    async with AsyncExitStack() as stack:
        broker = choose_broker(folder / "broker")
        stack.push_async_callback(broker.stop)
        print(f"Starting {broker.name} …", flush=True)
        await broker.start()

        version = importlib.metadata.version("homeassistant")
        print(f"Starting Home Assistant {version} …", flush=True)
        hass = HomeAssistant(
            sys.executable,
            folder / "config",
            Broker(port=broker.port, protocol=broker.hass_protocol),
            port,
        )
        stack.push_async_callback(hass.stop)
        await hass.start()
        await hass.client.mqtt_is_ready()

        print("Plugging in:", flush=True)
        plugs = Plugs(broker.port, broker.plug_protocol, folder / "plugs.log")
        stack.push_async_callback(plugs.stop)
        await plugs.start()
        cloud_plug = CloudPlug(folder / "cloud_plug.log")
        stack.push_async_callback(cloud_plug.stop)
        await cloud_plug.start()
        await _set_up(hass.client)
        await make_dashboard(hass.client)
        _welcome(hass.url)
        if broker.tls_port is not None:
            _invite(hass.url, cloud_plug.address, broker.tls_port)
        await _until_one_ends(
            {
                "Home Assistant": hass.process.ended(),
                "The broker": broker.process.ended(),
                "The simulator": plugs.ended(),
            }
        )


def _choose_port() -> int:
    for port in PORTS:
        if is_free(port):
            if port != FIRST_PORT:
                print(f"Port {FIRST_PORT} is taken; this uses {port}.", flush=True)
            return port
    raise DemoError(f"All ports from {PORTS[0]} to {PORTS[-1]} are taken.")


async def _set_up(client: Client) -> None:
    """Do what a person does: confirm the card of the discovered plugs."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not (flows := await client.discovered(DOMAIN)):
                await asyncio.sleep(0.1)
            await client.answer_flow(flows[0]["flow_id"])
            while not await _all_answer(client):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise DemoError(
            "The plugs did not appear in Home Assistant. Its log may say why:\n"
            f"{FOLDER / 'config' / 'output.log'}"
        ) from None


async def _all_answer(client: Client) -> bool:
    """Tell whether every plug has its switches, and none is unavailable."""
    devices = {
        device["id"]: str(device["model"]).lower()
        for device in await client.command("config/device_registry/list")
        if any(domain == DOMAIN for domain, *_ in device["identifiers"])
    }
    states = await client.states("switch")
    answering = {
        devices.get(entity["device_id"])
        for entity in await client.command("config/entity_registry/list")
        if entity["entity_id"] in states
        and states[entity["entity_id"]]["state"] in ("on", "off")
    }
    return answering >= set(MODELS)


def _welcome(url: str) -> None:
    print(
        f"""
Ready: {url}/{PATH}
Log in as {NAME} with the password {PASSWORD}.

Switch the plugs there: each click that a plug hears is a line here.
Type a plug's number and Enter to press its button; "3 2" is outlet 2 of the strip.
Ctrl-C ends the demo.
""",
        flush=True,
    )


def _invite(url: str, address: str, port: int) -> None:
    print(
        f"""\
One more plug is still at the vendor's. "Add plug", "It is on my Wi-Fi" leads it here:
{url}/config/integrations/integration/{DOMAIN}
Its address is {address}; the port of the broker is {port}.
""",
        flush=True,
    )


async def _until_one_ends(processes: dict[str, Coroutine[Any, Any, None]]) -> None:
    tasks = {asyncio.create_task(ended): name for name, ended in processes.items()}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    raise DemoError(f"{tasks[done.pop()]} has ended. Its logs are in {FOLDER}")


async def _until_told_to_end(folder: Path) -> None:
    """Run; Ctrl-C, a polite kill and a closed terminal all end it in order."""
    demo = asyncio.create_task(run(folder))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, demo.cancel)
    with suppress(asyncio.CancelledError):
        await demo


def main() -> int:
    """Run the demo once at a time: it is made anew in the same folder."""
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("The demo is running already; end that one first.", file=sys.stderr)
            return 1
        shutil.rmtree(FOLDER, ignore_errors=True)
        try:
            asyncio.run(_until_told_to_end(FOLDER))
        except (DemoError, ProcessError, CallError, OSError) as error:
            print(f"Error: {error}", file=sys.stderr)
            return 1
    # The terminal may be gone by now.
    with suppress(OSError):
        print("\nThe demo has ended.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
