"""Home Assistant whose Marketplace asks a server of ours instead of GitHub.

A program for Home Assistant's own Python: with_mirror.py URL, and Home Assistant's own
arguments. But for where it asks, the Marketplace is untouched.
"""

from importlib import import_module
import runpy
import sys

# Not there before 2026.11, which may be newer than what the types are checked with.
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
