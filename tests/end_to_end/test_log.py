"""The check of the log, on which every other module relies."""

import pytest

from .log import find_problems

_AT = "2026-11-22 17:22:24.254+00:00"
_DEBUG = f"{_AT} DEBUG (MainThread) [custom_components.meross_local] Ignored"
_NOISE = (
    f"{_AT} ERROR (MainThread) [haffmpeg.core] "
    "FFmpeg fails [Errno 2] No such file or directory: 'ffmpeg'"
)
_TRACEBACK = "Traceback (most recent call last):"


@pytest.mark.parametrize(
    "record",
    [
        [f"{_AT} WARNING (MainThread) [custom_components.meross_local] Odd"],
        [f"{_AT} WARNING (MainThread) [homeassistant.helpers.frame] meross_local"],
        [f"{_AT} ERROR (SyncWorker_1) [homeassistant] Error doing job", _TRACEBACK],
        [f"{_AT} INFO (MainThread) [any] Harmless", _TRACEBACK, '  File "x"'],
        [_TRACEBACK, "ImportError"],
    ],
)
def test_a_problem_is_found(record: list[str]) -> None:
    assert find_problems([*record, _DEBUG]) == ["\n".join(record)]


def test_noise_and_its_traceback_are_ignored() -> None:
    assert find_problems([_DEBUG, _NOISE, _TRACEBACK, _DEBUG]) == []


def test_a_traceback_can_be_expected_by_its_content() -> None:
    record = [f"{_AT} ERROR (MainThread) [homeassistant] Error", _TRACEBACK, "in here"]

    assert find_problems(record, [r"\[homeassistant\] Error.* in here"]) != []
    assert find_problems(record, [r"\[homeassistant\] Error.*in here"]) == []
