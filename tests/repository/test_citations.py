"""What comments and documents cite can be found in this repository."""

from collections.abc import Iterator
import re

import pytest

from . import read_all

# As in: docs/protocol.md 3.3 to 3.5, 4 and 6.1
NUMBER = r"\d+(?:\.\d+)*"
CITED = re.compile(
    rf"\bprotocol\.md[ ,(]+(?:§ ?)?({NUMBER}(?:(?:,| to| and) {NUMBER})*)"
)
HEADING = re.compile(rf"^#+ ({NUMBER})\.? ", re.MULTILINE)
# Pages that this repository never had.
ELSEWHERE = "bluetooth design ecosystem faults listener names protocol-2 wording"
MISSING = re.compile(rf"\b(?:{ELSEWHERE.replace(' ', '|')})\.md\b")


def citations(text: str) -> Iterator[str]:
    """Yield the section numbers that a text cites; a comment may break the line."""
    for found in CITED.findall(re.sub(r"\s*\n\s*#?\s*", " ", text)):
        yield from re.findall(NUMBER, found)


def test_cited_sections_of_the_protocol_exist() -> None:
    texts = read_all()
    sections = {*HEADING.findall(texts["docs/protocol.md"])}
    assert [
        (path, number)
        for path, text in texts.items()
        for number in citations(text)
        if number not in sections
    ] == []


def test_only_pages_of_this_repository_are_cited() -> None:
    texts = read_all("test_citations.py")
    found = [(path, MISSING.findall(text)) for path, text in texts.items()]
    assert [(path, pages) for path, pages in found if pages] == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("(docs/protocol.md 4.6)", ["4.6"]),
        ("docs/protocol.md 3.3 to 3.5", ["3.3", "3.5"]),
        ("see docs/protocol.md 2 and 4. Then", ["2", "4"]),
        ("    # docs/protocol.md\n    # 0.7, 6.1", ["0.7", "6.1"]),
        ("docs/protocol.md has 12 sections", []),
    ],
)
def test_citations_are_found(text: str, numbers: list[str]) -> None:
    assert [*citations(text)] == numbers
