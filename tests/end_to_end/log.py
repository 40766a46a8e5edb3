"""The warnings, errors and tracebacks in Home Assistant's log."""

from collections.abc import Iterable, Iterator
import re

_RECORD = re.compile(
    r"\d{4}-\d\d-\d\d \S+ (?P<level>[A-Z]+) \([^)]*\) (?P<text>\[\S+\] .*)", re.DOTALL
)
_TRACEBACK = "Traceback (most recent call last)"
_BAD = {"WARNING", "ERROR", "CRITICAL"}

# About what this machine lacks, and about any custom integration.
_NOISE = (
    r"\[homeassistant\.bootstrap\] Skipping pip installation of required modules\.",
    r"\[homeassistant\.loader\] We found a custom integration meross_local which has ",
    r"\[aiohttp_fast_zlib\] zlib_ng and isal are not available,",
    r"\[haffmpeg\.core\] FFmpeg fails \[Errno 2\] No such file or directory: 'ffmpeg'",
    r"\[haffmpeg\.tools\] Error starting FFmpeg\.",
    r"\[homeassistant\.components\.camera\.img_util\] Error loading libturbojpeg;",
)


def find_problems(lines: Iterable[str], expected: Iterable[str] = ()) -> list[str]:
    """Return the warnings, errors and tracebacks that are not expected.

    A pattern is matched with a record from its logger on, traceback included.
    """
    known = [re.compile(pattern, re.DOTALL) for pattern in (*_NOISE, *expected)]
    problems = []
    for record in _records(lines):
        match = _RECORD.match(record)
        level, text = match.group("level", "text") if match else ("", record)
        is_bad = level in _BAD or _TRACEBACK in record
        if is_bad and not any(pattern.match(text) for pattern in known):
            problems.append(record)
    return problems


def _records(lines: Iterable[str]) -> Iterator[str]:
    """Join each line that starts with a time with the lines after it."""
    record: list[str] = []
    for line in lines:
        if record and _RECORD.match(line):
            yield "\n".join(record)
            record = []
        record.append(line)
    if record:
        yield "\n".join(record)
