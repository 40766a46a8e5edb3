"""A config, options, subentry or repair flow, driven as the front end does it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.support.processes.client import Client

from .environment import Environment

type Step = dict[str, Any]

CONFIG = "config/config_entries/flow"
OPTIONS = "config/config_entries/options/flow"
SUBENTRY = "config/config_entries/subentries/flow"
REPAIR = "repairs/issues/fix"


@dataclass
class Flow:
    """Start a flow, submit its forms and menus, and wait for its progress."""

    client: Client
    path: str
    step: Step = field(default_factory=dict)

    async def start(self, **data: object) -> Step:
        """Start the flow; return its first step."""
        self.step = await self.client.post(self.path, **data)
        return await self._wait_for_progress()

    async def submit(self, **data: object) -> Step:
        """Submit a form, or choose from a menu with `next_step_id`."""
        path = f"{self.path}/{self.step['flow_id']}"
        self.step = await self.client.post(path, **data)
        return await self._wait_for_progress()

    async def refresh(self) -> Step:
        """Return the current step."""
        path = f"{self.path}/{self.step['flow_id']}"
        self.step = await self.client.get(path)
        return self.step

    async def _wait_for_progress(self) -> Step:
        """Wait for the next step, unless a person has to pair a plug first."""
        async with asyncio.timeout(30):
            while self.step["type"] == "progress" and self.step["step_id"] != "pair":
                await asyncio.sleep(0.05)
                await self.refresh()
        return self.step


async def start_add_plug(environment: Environment, option: str) -> Flow:
    """Select Add plug, and choose an option from its menu."""
    flow = Flow(environment.client, SUBENTRY)
    await flow.start(handler=[await environment.entry_id(), "plug"])
    assert flow.step["type"] == "menu"
    await flow.submit(next_step_id=option)
    return flow


def problem(step: Step) -> str | None:
    """Return the only error that a form shows."""
    if step["type"] != "form" or not step["errors"]:
        return None
    (name,) = step["errors"].values()
    return str(name)


def reason(step: Step) -> str:
    """Return the reason with which a flow has ended."""
    assert step["type"] == "abort", step
    return str(step["reason"])
