"""Home Assistant's log, and what in it nobody should have to read."""

from collections.abc import Iterable, Iterator
import re

_BEGINNING = re.compile(
    r"\d{4}-\d\d-\d\d \S+ (?P<level>[A-Z]+) \([^)]*\) (?P<said>\[\S+\] .*)", re.DOTALL
)
_TRACEBACK = "Traceback (most recent call last)"
_BAD = {"WARNING", "ERROR", "CRITICAL"}

# What this machine lacks, and what Home Assistant says of every custom integration.
_NOISE = (
    r"\[homeassistant\.bootstrap\] Skipping pip installation of required modules\.",
    r"\[homeassistant\.loader\] We found a custom integration meross_local which has ",
    r"\[aiohttp_fast_zlib\] zlib_ng and isal are not available,",
    r"\[haffmpeg\.core\] FFmpeg fails \[Errno 2\] No such file or directory: 'ffmpeg'",
    r"\[haffmpeg\.tools\] Error starting FFmpeg\.",
    r"\[homeassistant\.components\.camera\.img_util\] Error loading libturbojpeg;",
)


def complaints(lines: Iterable[str], expected: Iterable[str] = ()) -> list[str]:
    """Return what is a warning, an error or a traceback, and is not expected.

    What is expected is a pattern of a record from its logger on, traceback included.
    """
    known = [re.compile(pattern, re.DOTALL) for pattern in (*_NOISE, *expected)]
    found = []
    for record in _records(lines):
        beginning = _BEGINNING.match(record)
        level, said = beginning.group("level", "said") if beginning else ("", record)
        is_bad = level in _BAD or _TRACEBACK in record
        if is_bad and not any(pattern.match(said) for pattern in known):
            found.append(record)
    return found


def _records(lines: Iterable[str]) -> Iterator[str]:
    """Join what was logged at once: a line with a time, and those without after it."""
    record: list[str] = []
    for line in lines:
        if record and _BEGINNING.match(line):
            yield "\n".join(record)
            record = []
        record.append(line)
    if record:
        yield "\n".join(record)
