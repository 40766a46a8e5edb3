"""The stages of all contenders at once: they are measured in turns."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from .contender import Contender
from .page import Page
from .report import Row
from .stage import SetUpError, Stage, stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    plugs: int = 50
    blocks: int = 20
    """Parts that the contenders take turns in."""
    rounds: int = 4
    """Toggles of every plug in a block."""
    clicks: int = 300
    many: int = 1000
    starts: int = 5
    idle: float = 180.0
    """Seconds."""


WHOLE = Size()
QUICK = Size(plugs=5, blocks=3, rounds=2, clicks=20, many=40, starts=1, idle=15.0)


@dataclass(frozen=True, slots=True)
class Actor:
    """A contender on its stage, with its plugs, and a page that shows them."""

    stage: Stage
    page: Page

    @property
    def name(self) -> str:
        """Return whose it is."""
        return self.stage.contender.name


@dataclass(frozen=True, slots=True)
class Cast:
    """Those that could be set up, and why others could not."""

    actors: list[Actor]
    failures: dict[str, str]

    def note(self, *rows: Row) -> list[Row]:
        """Say in rows who could not be set up."""
        for row in rows:
            row.remarks.update(self.failures)
        return list(rows)


@asynccontextmanager
async def cast(
    contenders: Sequence[Contender], plugs: int, *, lean: bool = False
) -> AsyncIterator[Cast]:
    """Set all of them up; lean is without recorder, frontend and page."""
    async with AsyncExitStack() as stack:
        actors, failures = [], {}
        for contender in contenders:
            # One that cannot be set up must not stay and take part in the noise.
            own = await stack.enter_async_context(AsyncExitStack())
            here = await own.enter_async_context(stage(contender, plugs, lean=lean))
            try:
                await here.adopt(contender.plugs(plugs))
                if here.entity_ids:
                    await here.expect_truth()
            except SetUpError as error:
                failures[contender.name] = f"not measured: {error}"
                await own.aclose()
                continue
            socket = await own.enter_async_context(here.hass.client.websocket())
            page = Page(socket)
            if not lean and here.entity_ids:
                await page.open(here.entity_ids.values())
            actors.append(Actor(here, page))
        for actor in actors:
            await actor.stage.rest()
        yield Cast(actors, failures)
