"""A house for each module of tests; at its end the log is read."""

from collections.abc import AsyncIterator
import os
from pathlib import Path

import pytest
import pytest_asyncio

from .house import House, open_house
from .journal import complaints

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests in one event loop, in which the houses live."""
    session = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.end_to_end)
            if pytest_asyncio.is_async_test(item):
                item.add_marker(session, append=False)


@pytest.fixture(scope="session")
def python() -> str:
    """Return the Python that Home Assistant runs with (scripts/test names it)."""
    # Home Assistant starts slowly where it may not keep what it compiles.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return os.environ.get("MEROSS_HASS", str(ROOT / ".venv/run/bin/python"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    python: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[House]:
    """Start a house without plugs.

    A module's EXPECTED_IN_LOG names what Home Assistant itself rightly says of it.
    """
    async with open_house(python, tmp_path_factory.mktemp("house")) as house:
        yield house
    expected = getattr(request.module, "EXPECTED_IN_LOG", ())
    assert complaints(house.hass.log(), expected) == []
