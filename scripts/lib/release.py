"""Make the zip that a release is installed from. Any Python 3 can run it."""

from pathlib import Path
import re
import sys
from zipfile import ZIP_STORED, ZipFile, ZipInfo

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components" / "meross_local"
MANIFEST = "manifest.json"
TAG = re.compile(r"v?(\d+\.\d+\.\d+(?:b\d+)?)")
# Plain files, and as old as a zip can tell.
MODE = 0o100644
THEN = (1980, 1, 1, 0, 0, 0)


class ReleaseError(Exception):
    """There can be no release; the reason is for a person to read."""


def version_of(tag: str) -> str:
    """Return the version that a tag names; it must be one that the changelog has."""
    match = TAG.fullmatch(tag)
    if match is None:
        raise ReleaseError(f"{tag} is no version: v1.2.3 is, and v1.2.3b1.")
    version = match[1]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    if not re.search(rf"^## {re.escape(version)}\b", changelog, re.MULTILINE):
        raise ReleaseError(f"CHANGELOG.md has no section for {version}.")
    return version


def stamped(manifest: bytes, version: str) -> bytes:
    """Return the manifest with another version, and nothing else changed."""
    text, count = re.subn(
        rb'("version": )"[^"]*"', rb'\1"%s"' % version.encode(), manifest
    )
    if count != 1:
        raise ReleaseError(f"{MANIFEST} has {count} versions instead of one.")
    return text


def files() -> list[Path]:
    """Return the integration's files, always in the same order."""
    return sorted(
        path
        for path in COMPONENT.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not path.name.startswith(".")
    )


def make(tag: str, into: Path) -> str:
    """Write the zip and return its version."""
    version = version_of(tag)
    into.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(into, "w") as release:
        for path in files():
            name = path.relative_to(COMPONENT).as_posix()
            content = path.read_bytes()
            if name == MANIFEST:
                content = stamped(content, version)
            entry = ZipInfo(name, THEN)
            entry.external_attr = MODE << 16
            entry.create_system = 3
            # Not compressed: that comes out differently from one zlib to the next.
            release.writestr(entry, content, ZIP_STORED)
    return version


if __name__ == "__main__":
    try:
        target = Path(sys.argv[2])
        print(f"{target}: Meross Local {make(sys.argv[1], target)}")
    except ReleaseError as error:
        sys.exit(f"Error: {error}")
