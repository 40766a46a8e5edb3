"""Imports every module of the integration, so that a fuzzer can watch all of them."""

from importlib import import_module
import pkgutil

import custom_components.meross_local as package

for _module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
    import_module(_module.name)
