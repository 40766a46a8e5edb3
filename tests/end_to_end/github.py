"""Serves this repository with one release, as GitHub and the catalog would serve it."""

import base64
from io import BytesIO
import json
from pathlib import Path
import subprocess
from typing import Any, Self
from zipfile import ZipFile

from aiohttp import web

from tests.support.processes.process import free_port

FULL_NAME = "meross-local/meross_local"
REPOSITORY_ID = 710_000_001
_BRANCH = "main"
_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_PUBLISHED_AT = "2026-11-22T12:00:00Z"
_SECTIONS: dict[str, object] = {
    **{kind: {} for kind in ("plugin", "template", "theme")},
    **{kind: [] for kind in ("removed", "critical")},
}


class GitHub:
    """A local server in the place of GitHub; whatever it does not have is a 404."""

    def __init__(self, root: Path, tag: str) -> None:
        """Serve the files below root that git tracks as the release of a tag."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.requested: list[str] = []
        self.in_catalog = False
        self._tag = tag
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
        app = web.Application()
        app.router.add_get("/{kind}/{path:.+}", self._respond)
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> Self:
        """Start the server."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the server."""
        await self._runner.cleanup()

    async def _respond(self, request: web.Request) -> web.Response:
        self.requested.append(request.path)
        kind, path = request.match_info["kind"], request.match_info["path"]
        if kind == "raw":
            return self._file(path.removeprefix(f"{FULL_NAME}/{self._tag}/"))
        if kind == "github":
            if path == f"{FULL_NAME}/archive/refs/tags/{self._tag}.zip":
                return web.Response(body=self._archive())
            raise web.HTTPNotFound
        if kind == "catalog":
            return web.json_response(self._catalog(path.removesuffix("/data.json")))
        return web.json_response(self._api(path))

    def _file(self, path: str) -> web.Response:
        if path not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[path])

    def _archive(self) -> bytes:
        """Return the source archive of the tag, all of it in one folder."""
        folder = f"{FULL_NAME.split('/')[1]}-{self._tag.removeprefix('v')}"
        with BytesIO() as data:
            with ZipFile(data, "w") as archive:
                for name, content in self.files.items():
                    archive.writestr(f"{folder}/{name}", content)
            return data.getvalue()

    def _catalog(self, section: str) -> Any:  # noqa: ANN401 (JSON)
        if section != "integration":
            return _SECTIONS[section]
        return {str(REPOSITORY_ID): self._listed()} if self.in_catalog else {}

    def _listed(self) -> dict[str, object]:
        """Return the entry of the repository in the catalog."""
        return {
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

    def _api(self, path: str) -> Any:  # noqa: ANN401 (JSON)
        """Return what the REST API serves at a path."""
        if path == "rate_limit":
            core = {"limit": 5000, "remaining": 5000, "reset": 2_000_000_000, "used": 0}
            return {"resources": {"core": core}, "rate": core}
        about = path.removeprefix(f"repos/{FULL_NAME}").removeprefix("/")
        responses: dict[str, Any] = {
            "": {
                "id": REPOSITORY_ID,
                "full_name": FULL_NAME,
                "default_branch": _BRANCH,
                "archived": False,
                "has_issues": True,
                "pushed_at": _PUBLISHED_AT,
            },
            "releases": [self._release()],
            f"git/trees/{self._tag}": {"sha": _COMMIT, "tree": self._tree()},
            f"branches/{_BRANCH}": {"commit": {"sha": _COMMIT}},
        }
        if about in responses:
            return responses[about]
        file = about.removeprefix("contents/")
        if not about.startswith("contents/") or file not in self.files:
            raise web.HTTPNotFound(text=json.dumps({"message": "Not Found"}))
        content = base64.b64encode(self.files[file]).decode()
        return {"type": "file", "name": Path(file).name, "content": content}

    def _release(self) -> dict[str, object]:
        return {
            "tag_name": self._tag,
            "draft": False,
            "prerelease": False,
            "published_at": _PUBLISHED_AT,
            "assets": [],
        }

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
