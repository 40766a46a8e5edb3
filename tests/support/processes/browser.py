"""A headless Chromium, logged in to a Home Assistant: what a person looks at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import os
import shutil
from typing import Literal, Self

from playwright.async_api import (
    Browser as Chromium,
    Page,
    Playwright,
    ViewportSize,
    async_playwright,
)

from .hass import HomeAssistant

DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)

# Milliseconds: the first page compiles all of the front end.
_PATIENCE = 20_000

_OPTIONS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
)


def find_chromium() -> str | None:
    """Return where Chromium is; nothing is downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


class Browser:
    """Chromium without a window."""

    _playwright: Playwright
    _chromium: Chromium

    async def __aenter__(self) -> Self:
        """Start it."""
        program = find_chromium()
        if program is None:
            raise FileNotFoundError("chromium is not installed")
        # As root, and in most containers, it cannot build its sandbox.
        sandbox = () if os.getuid() else ("--no-sandbox",)
        self._playwright = await async_playwright().start()
        self._chromium = await self._playwright.chromium.launch(
            executable_path=program, args=[*_OPTIONS, *sandbox]
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        await self._chromium.close()
        await self._playwright.stop()

    @asynccontextmanager
    async def visit(
        self,
        hass: HomeAssistant,
        size: ViewportSize = DESKTOP,
        *,
        scale: float = 1,
        scheme: Literal["light", "dark"] = "light",
    ) -> AsyncIterator[Page]:
        """Give a page of its own, logged in, that begins at the overview."""
        context = await self._chromium.new_context(
            base_url=hass.url,
            viewport=size,
            device_scale_factor=scale,
            color_scheme=scheme,
            reduced_motion="reduce",
            has_touch=size == PHONE,
            is_mobile=size == PHONE,
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        context.set_default_timeout(_PATIENCE)
        await context.add_init_script(_remember(hass))
        page = await context.new_page()
        try:
            yield page
        finally:
            await context.close()


def _remember(hass: HomeAssistant) -> str:
    """Put the token where the front end keeps that of a person who logged in."""
    tokens = {
        "hassUrl": hass.url,
        "clientId": f"{hass.url}/",
        "access_token": hass.client.token,
        "token_type": "Bearer",
        "expires_in": 86400,
        "expires": 10**14,
        "refresh_token": "",
    }
    return f"localStorage.hassTokens = {json.dumps(json.dumps(tokens))}"
