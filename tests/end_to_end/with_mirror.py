"""Run a Home Assistant whose Marketplace uses a local server instead of GitHub.

A program for Home Assistant's own Python: with_mirror.py URL, then Home Assistant's own
arguments. Only the addresses of the Marketplace are changed.
"""

from importlib import import_module
import runpy
import sys

# New in 2026.11, which may be newer than the version that types are checked with.
profiles = import_module("homeassistant.components.marketplace.profiles")

MIRROR = sys.argv.pop(1)

profiles.PROFILES[profiles.DEFAULT_PROFILE] = profiles.DownloadProfile(
    id=profiles.DEFAULT_PROFILE,
    operator="a test",
    uses_github_account=True,
    api=f"{MIRROR}/api",
    catalog=f"{MIRROR}/catalog",
    github=f"{MIRROR}/github",
    raw=f"{MIRROR}/raw",
)
runpy.run_module("homeassistant", run_name="__main__", alter_sys=True)
