"""Serves this repository with one release, as GitHub and the catalog would serve it."""

import base64
from io import BytesIO
import json
from pathlib import Path
import subprocess
from zipfile import ZipFile

from aiohttp import web
from aiohttp.test_utils import TestServer

FULL_NAME = "meross-local/meross_local"
REPOSITORY_ID = 710_000_001
_BRANCH = "main"
_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_PUBLISHED_AT = "2026-11-22T12:00:00Z"


class GitHub(TestServer):
    """A local server in the place of GitHub; whatever it does not have is a 404."""

    def __init__(self, root: Path, tag: str) -> None:
        """Serve the files below root that git tracks as the release of a tag."""
        self.requested: list[str] = []
        listed = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        )
        self.files = {
            name: (root / name).read_bytes()
            for name in listed.stdout.split("\0")
            if name and (root / name).is_file()
        }
        self._tag = tag
        self._pages = self._make_pages()
        app = web.Application()
        app.router.add_get("/{path:.+}", self._respond)
        super().__init__(app)

    async def _respond(self, request: web.Request) -> web.Response:
        self.requested.append(request.path)
        if request.path not in self._pages:
            raise web.HTTPNotFound(text=json.dumps({"message": "Not Found"}))
        page = self._pages[request.path]
        if isinstance(page, bytes):
            return web.Response(body=page)
        return web.json_response(page)

    def add_to_catalog(self) -> None:
        """List the repository in the catalog."""
        self._pages["/catalog/integration/data.json"] = {
            str(REPOSITORY_ID): {
                "description": "Meross plugs on your own MQTT broker",
                "domain": "meross_local",
                "etag_repository": "2",
                "full_name": FULL_NAME,
                "last_commit": _COMMIT[:7],
                "last_fetched": 2_000_000_000,
                "last_updated": _PUBLISHED_AT,
                "last_version": self._tag,
                "manifest": {"name": "Meross Local"},
                "manifest_name": "Meross Local",
            }
        }

    def _make_pages(self) -> dict[str, object]:
        """Return what is served by path, as bytes or JSON; the catalog is empty."""
        pages: dict[str, object] = {
            **{kind: {} for kind in ("integration", "plugin", "template", "theme")},
            **{kind: [] for kind in ("removed", "critical")},
        }
        pages = {f"/catalog/{kind}/data.json": page for kind, page in pages.items()}
        api = f"/api/repos/{FULL_NAME}"
        for name, content in self.files.items():
            pages[f"/raw/{FULL_NAME}/{self._tag}/{name}"] = content
            pages[f"{api}/contents/{name}"] = {
                "type": "file",
                "name": Path(name).name,
                "content": base64.b64encode(content).decode(),
            }
        archive = f"/github/{FULL_NAME}/archive/refs/tags/{self._tag}.zip"
        core = {"limit": 5000, "remaining": 5000, "reset": 2_000_000_000, "used": 0}
        return pages | {
            archive: self._archive(),
            "/api/rate_limit": {"resources": {"core": core}, "rate": core},
            api: {
                "id": REPOSITORY_ID,
                "full_name": FULL_NAME,
                "default_branch": _BRANCH,
                "archived": False,
                "has_issues": True,
                "pushed_at": _PUBLISHED_AT,
            },
            f"{api}/releases": [
                {
                    "tag_name": self._tag,
                    "draft": False,
                    "prerelease": False,
                    "published_at": _PUBLISHED_AT,
                    "assets": [],
                }
            ],
            f"{api}/git/trees/{self._tag}": {"sha": _COMMIT, "tree": self._tree()},
            f"{api}/branches/{_BRANCH}": {"commit": {"sha": _COMMIT}},
        }

    def _archive(self) -> bytes:
        """Return the source archive of the tag, all of it in one folder."""
        folder = f"{FULL_NAME.split('/')[1]}-{self._tag.removeprefix('v')}"
        with BytesIO() as data:
            with ZipFile(data, "w") as archive:
                for name, content in self.files.items():
                    archive.writestr(f"{folder}/{name}", content)
            return data.getvalue()

    def _tree(self) -> list[dict[str, str]]:
        """Return all files and their folders, as git lists them."""
        folders = {
            parent.as_posix()
            for name in self.files
            for parent in Path(name).parents
            if parent.name
        }
        kinds = dict.fromkeys(self.files, "blob") | dict.fromkeys(folders, "tree")
        return [{"path": path, "type": kinds[path]} for path in sorted(kinds)]
