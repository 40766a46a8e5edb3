"""Our own repository with one release, as GitHub and the catalog would serve it."""

import base64
import json
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from tests.support.processes.process import free_port

FULL_NAME = "meross-local/meross_local"
REPOSITORY_ID = 710_000_001
_BRANCH = "main"
_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_THEN = "2026-11-22T12:00:00Z"
_SECTIONS: dict[str, object] = {
    **{kind: {} for kind in ("plugin", "template", "theme")},
    **{kind: [] for kind in ("removed", "critical")},
}


class GitHub:
    """A server of our own; what is not there is a 404, as with the true one."""

    def __init__(self, root: Path, tag: str, release: Path) -> None:
        """Serve the files of the root at a tag, and the zip as its release."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked: list[str] = []
        self.in_catalog = False
        self._root = root
        self._tag = tag
        self._release = release
        app = web.Application()
        app.router.add_get("/{kind}/{path:.+}", self._answer)
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> Self:
        """Begin to serve."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        kind, path = request.match_info["kind"], request.match_info["path"]
        if kind == "raw":
            return self._file(path.removeprefix(f"{FULL_NAME}/{self._tag}/"))
        if kind == "github":
            asset = f"{FULL_NAME}/releases/download/{self._tag}/{self._release.name}"
            if path == asset:
                return web.Response(body=self._release.read_bytes())
            raise web.HTTPNotFound
        if kind == "catalog":
            return web.json_response(self._catalog(path.removesuffix("/data.json")))
        return web.json_response(self._api(path))

    def _file(self, path: str) -> web.Response:
        file = self._root / path
        if not file.is_file():
            raise web.HTTPNotFound
        return web.Response(body=file.read_bytes())

    def _catalog(self, section: str) -> Any:  # noqa: ANN401 (JSON)
        if section != "integration":
            return _SECTIONS[section]
        return {str(REPOSITORY_ID): self._listed()} if self.in_catalog else {}

    def _listed(self) -> dict[str, object]:
        """Return what the catalog knows of the repository."""
        return {
            "description": "Meross plugs on your own MQTT broker",
            "domain": "meross_local",
            "etag_repository": "2",
            "full_name": FULL_NAME,
            "last_commit": _COMMIT[:7],
            "last_fetched": 2_000_000_000,
            "last_updated": _THEN,
            "last_version": self._tag,
            "manifest": {"name": "Meross Local"},
            "manifest_name": "Meross Local",
        }

    def _api(self, path: str) -> Any:  # noqa: ANN401 (JSON)
        """Answer what the REST API is asked."""
        if path == "rate_limit":
            core = {"limit": 5000, "remaining": 5000, "reset": 2_000_000_000, "used": 0}
            return {"resources": {"core": core}, "rate": core}
        about = path.removeprefix(f"repos/{FULL_NAME}").removeprefix("/")
        answers: dict[str, Any] = {
            "": {
                "id": REPOSITORY_ID,
                "full_name": FULL_NAME,
                "default_branch": _BRANCH,
                "archived": False,
                "has_issues": True,
                "pushed_at": _THEN,
            },
            "releases": [self._released()],
            f"git/trees/{self._tag}": {"sha": _COMMIT, "tree": self._tree()},
            f"branches/{_BRANCH}": {"commit": {"sha": _COMMIT}},
        }
        if about in answers:
            return answers[about]
        file = self._root / about.removeprefix("contents/")
        if not about.startswith("contents/") or not file.is_file():
            raise web.HTTPNotFound(text=json.dumps({"message": "Not Found"}))
        content = base64.b64encode(file.read_bytes()).decode()
        return {"type": "file", "name": file.name, "content": content}

    def _released(self) -> dict[str, object]:
        asset = {
            "name": self._release.name,
            "size": self._release.stat().st_size,
            "download_count": 1,
        }
        return {
            "tag_name": self._tag,
            "draft": False,
            "prerelease": False,
            "published_at": _THEN,
            "assets": [asset],
        }

    def _tree(self) -> list[dict[str, str]]:
        """List what decides where the integration is, as git does."""
        return [
            {
                "path": path.relative_to(self._root).as_posix(),
                "type": "tree" if path.is_dir() else "blob",
            }
            for pattern in ("*.md", "*.json", "custom_components/**/*")
            for path in (
                self._root / "custom_components",
                *sorted(self._root.glob(pattern)),
            )
            if "__pycache__" not in path.parts
        ]
