"""Names and texts use the words of Home Assistant and MQTT: plugs are no persons."""

from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from . import SUFFIXES, read_all

# Not as words, and not as parts of names such as last_said or StandIn.
FORBIDDEN = {
    *("said", "heard", "tell", "tells", "told", "believe", "believed", "mend"),
    *("patience", "newcomer", "newcomers", "house", "town", "speaker", "actor"),
    *("judge", "standin", "standins"),
}
# Where one word ends and the next begins: anything but letters, and in camelCase.
BORDER = re.compile(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
ONE_WORD = re.compile(r"[Ss]tand[-_]?[Ii]n(?=s?(?![a-z]))")


def forbidden_in(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the word of each forbidden word."""
    for number, line in enumerate(text.splitlines(), 1):
        for word in BORDER.split(ONE_WORD.sub("standin", line)):
            if word.lower() in FORBIDDEN:
                yield number, word.lower()


def test_no_forbidden_word_is_used() -> None:
    # This list of words is left out.
    texts = read_all("test_language.py")
    assert {Path(path).suffix for path in texts} == {*SUFFIXES, ".json"}
    found = [
        f"{path}:{number}: {word}"
        for path, text in texts.items()
        for number, word in forbidden_in(text)
    ]
    assert not found, "\n".join([f"{len(found)} words:", *found])


HARMLESS = [
    *("factory_reset", "a household", "Satellite", "recommended", "shutdown"),
    *("react or ignore", "understand in time", "warehouse", "standing"),
    *("that stand in a list", "aforesaid"),
]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("# What the plug said.", "said"),
        ("last_heard = 1", "heard"),
        ("async_tellPlug()", "tell"),
        ("class StandIn:", "standin"),
        ("import stand_in", "standin"),
        ("two stand-ins", "standins"),
        ("SMALL_TOWN", "town"),
        ("HTTPSpeaker", "speaker"),
        *((text, None) for text in HARMLESS),
    ],
)
def test_a_forbidden_word_is_found(text: str, word: str | None) -> None:
    found = [(2, word)] if word else []
    assert [*forbidden_in(f"harmless\n{text}\n")] == found
