"""The zip that a release is installed from."""

import json
from pathlib import Path
import subprocess
from zipfile import ZipFile

import pytest

from scripts.lib import release

ROOT = Path(__file__).parents[2]
VERSION = json.loads((release.COMPONENT / release.MANIFEST).read_text())["version"]


def test_it_holds_the_integration_at_its_root(tmp_path: Path) -> None:
    path = tmp_path / "meross_local.zip"
    release.make(f"v{VERSION}", path)
    with ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    for name, content in held.items():
        assert (release.COMPONENT / name).read_bytes() == content
    assert held.keys() >= {
        *("manifest.json", "__init__.py", "brand/icon.png", "meross/message.py"),
        "translations/en.json",
    }
    assert not [name for name in held if "__pycache__" in name or name.endswith(".pyc")]


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    paths = [tmp_path / "one.zip", tmp_path / "folder" / "two.zip"]
    for path in paths:
        release.make(VERSION, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_tag_is_stamped_and_nothing_else_changes() -> None:
    manifest = (release.COMPONENT / release.MANIFEST).read_bytes()
    stamped = release.stamped(manifest, "12.3.4b5")
    assert json.loads(stamped) == json.loads(manifest) | {"version": "12.3.4b5"}
    assert release.stamped(stamped, VERSION) == manifest


def test_a_manifest_without_its_version_is_refused() -> None:
    with pytest.raises(release.ReleaseError, match="0 versions"):
        release.stamped(b"{}", VERSION)


@pytest.mark.parametrize("tag", ["", "v1", "v1.2", "latest", "v1.2.3-rc", "v1.2.3\n"])
def test_a_tag_that_is_no_version_is_refused(tag: str) -> None:
    with pytest.raises(release.ReleaseError, match="is no version"):
        release.version_of(tag)


def test_a_version_that_the_changelog_does_not_have_is_refused() -> None:
    with pytest.raises(release.ReleaseError, match=r"no section for 0\.0\.0"):
        release.version_of("v0.0.0")


def test_the_command_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "meross_local.zip"
    subprocess.run([ROOT / "scripts/release", f"v{VERSION}", path], check=True)  # noqa: S603 (ours)
    again = tmp_path / "again.zip"
    release.make(VERSION, again)
    assert path.read_bytes() == again.read_bytes()
