"""The contenders side by side, because they are measured in turns."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from .contender import Contender
from .dashboard import Dashboard
from .session import Session, open_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Bound how much is measured."""

    plugs: int = 50
    blocks: int = 20
    """Blocks in which the contenders take turns."""
    rounds: int = 4
    """Toggles of every plug in a block."""
    clicks: int = 300
    many: int = 1000
    """Plugs of the rows that are about many plugs."""
    starts: int = 10
    idle: float = 180.0
    """Seconds."""


FULL = Size()
QUICK = Size(plugs=5, blocks=3, rounds=2, clicks=20, many=40, starts=3, idle=15.0)


@dataclass(frozen=True, slots=True)
class Target:
    """Represent a contender whose plugs are set up and shown on a dashboard."""

    session: Session
    dashboard: Dashboard

    @property
    def contender(self) -> Contender:
        """Return the column of its numbers."""
        return self.session.contender


@asynccontextmanager
async def open_targets(
    contenders: Sequence[Contender], count: int
) -> AsyncIterator[list[Target]]:
    """Set up a number of plugs for every contender."""
    async with AsyncExitStack() as stack:
        targets = []
        for contender in contenders:
            session = await stack.enter_async_context(
                open_session(contender, contender.plugs(count))
            )
            await session.adopt()
            dashboard = await stack.enter_async_context(session.dashboard())
            targets.append(Target(session, dashboard))
        for target in targets:
            await target.session.wait_until_idle()
        yield targets


def in_turns(targets: Sequence[Target], count: int) -> Iterator[tuple[int, Target]]:
    """Yield every target a number of times; each time, another one is the first."""
    for number in range(count):
        first = number % len(targets)
        for target in (*targets[first:], *targets[:first]):
            yield number, target
