"""How often the models are played: pytest tests/model --runs 20000."""

from hypothesis import HealthCheck, Phase, settings
import pytest

# In all, over the state machines of a file: about a minute of one processor.
_DEFAULT_RUNS = 280
_STEPS = 25


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --runs."""
    parser.addoption(
        "--runs",
        type=int,
        help=f"how often each model is played, other plays each time "
        f"(default: {_DEFAULT_RUNS}, the same ones every time)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the settings of state machines: settings.get_profile("model")."""
    runs: int | None = config.getoption("runs")
    settings.register_profile(
        "model",
        max_examples=runs or _DEFAULT_RUNS,
        stateful_step_count=_STEPS,
        # The machine may be busy, and time stands still.
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=runs is None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        print_blob=True,
        report_multiple_bugs=False,
    )
