"""The check of the log, without which every other test here would prove less."""

import pytest

from .journal import complaints

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
        ["Traceback (most recent call last):", "ImportError"],
    ],
)
def test_a_complaint_is_found(record: list[str]) -> None:
    assert complaints([*record, _DEBUG]) == ["\n".join(record)]


def test_noise_is_none_nor_is_its_traceback() -> None:
    assert complaints([_DEBUG, _NOISE, _TRACEBACK, _DEBUG]) == []


def test_a_traceback_can_be_expected_by_what_is_in_it() -> None:
    record = [f"{_AT} ERROR (MainThread) [homeassistant] Error", _TRACEBACK, "in here"]

    assert complaints(record, [r"\[homeassistant\] Error.* in here"]) != []
    assert complaints(record, [r"\[homeassistant\] Error.*in here"]) == []


def test_what_a_test_expects_is_none() -> None:
    line = f"{_AT} WARNING (MainThread) [homeassistant.components.mqtt.client] Gone"

    assert complaints([line]) == [line]
    assert complaints([line], [r"\[homeassistant\.components\.mqtt\.client\] G"]) == []
