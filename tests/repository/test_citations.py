"""What comments and documents cite can be found in this repository."""

from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from . import ROOT

FOLDERS = ("custom_components", "tests", "demo", "scripts", "docs", "blueprints")
# As in: docs/protocol.md 3.3 to 3.5, 4 and 6.1
NUMBER = r"\d+(?:\.\d+)*"
CITED = re.compile(
    rf"\bprotocol\.md[ ,(]+(?:§ ?)?({NUMBER}(?:(?:,| to| and) {NUMBER})*)"
)
HEADING = re.compile(rf"^#+ ({NUMBER})\.? ", re.MULTILINE)
# Pages that this repository never had.
ELSEWHERE = "bluetooth design ecosystem faults listener names protocol-2 wording"
MISSING = re.compile(rf"\b(?:{ELSEWHERE.replace(' ', '|')})\.md\b")


def files() -> Iterator[Path]:
    """Yield the files that may cite something."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in {"", ".md", ".py", ".sh", ".yaml"}:
                yield path


def citations(text: str) -> Iterator[str]:
    """Yield the section numbers that a text cites; a comment may break the line."""
    for found in CITED.findall(re.sub(r"\s*\n\s*#?\s*", " ", text)):
        yield from re.findall(NUMBER, found)


def test_cited_sections_of_the_protocol_exist() -> None:
    protocol = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    sections = {*HEADING.findall(protocol)}
    assert {
        f"{path.relative_to(ROOT)}: {number}"
        for path in files()
        for number in citations(path.read_text("utf-8"))
        if number not in sections
    } == set()


def test_only_pages_of_this_repository_are_cited() -> None:
    assert {
        f"{path.relative_to(ROOT)}: {page}"
        for path in files()
        if path != Path(__file__)
        for page in MISSING.findall(path.read_text("utf-8"))
    } == set()


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
