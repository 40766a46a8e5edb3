"""Print what the named Home Assistant components want from PyPI, dependencies included.

Home Assistant installs these at its first start; with them installed beforehand a
start downloads nothing. The components that every Home Assistant starts are added.
"""

import json
from pathlib import Path
import sys

import homeassistant
from homeassistant import bootstrap

COMPONENTS = Path(homeassistant.__file__).parent / "components"


def requirements(names: set[str]) -> set[str]:
    """Return the requirements of the components and of all that they depend on."""
    wanted: set[str] = set()
    todo, seen = set(names), set()
    while todo:
        name = todo.pop()
        seen.add(name)
        manifest = json.loads((COMPONENTS / name / "manifest.json").read_text())
        wanted.update(manifest.get("requirements", []))
        todo.update(set(manifest.get("dependencies", [])) - seen)
        todo.update(set(manifest.get("after_dependencies", [])) & names - seen)
    return wanted


if __name__ == "__main__":
    always = set(bootstrap.DEFAULT_INTEGRATIONS) | set(bootstrap.CORE_INTEGRATIONS)
    print("\n".join(sorted(requirements(always | set(sys.argv[1:])))))
