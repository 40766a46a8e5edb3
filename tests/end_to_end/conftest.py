"""An environment for each module of tests; at its end the log is checked."""

from collections.abc import AsyncIterator
import os
from pathlib import Path

import pytest
import pytest_asyncio

from .environment import Environment, Options, start_environment
from .log import find_problems

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

# Modules that take long start first, the longest of them at the front: a worker of
# pytest-xdist that started one last would end long after the other.
_LONG = ["test_storm", "test_browser", "test_lifecycle", "test_blueprints"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests in one event loop, which the environments share."""
    session = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.end_to_end)
            if pytest_asyncio.is_async_test(item):
                item.add_marker(session, append=False)
    items.sort(key=lambda item: [*_LONG, item.path.stem].index(item.path.stem))


@pytest.fixture(scope="session")
def python() -> str:
    """Return the Python of Home Assistant, which scripts/test names."""
    # Home Assistant starts slowly where it may not keep what it compiles.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return os.environ.get("MEROSS_HASS", str(ROOT / ".venv/run/bin/python"))


@pytest.fixture(scope="module")
def options() -> Options:
    """Return the options of the module's environment; modules override it."""
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def environment(
    python: str,
    options: Options,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Environment]:
    """Start an environment without plugs.

    EXPECTED_IN_LOG of a module lists patterns of the records that its tests cause.
    """
    folder = tmp_path_factory.mktemp("environment")
    async with start_environment(python, folder, **options) as environment:
        yield environment
    expected = getattr(request.module, "EXPECTED_IN_LOG", ())
    assert find_problems(environment.hass.log(), expected) == []
