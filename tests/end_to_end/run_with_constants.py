"""Run Home Assistant with other values of constants, such as timeouts.

A program for Home Assistant's own Python: run_with_constants.py VALUES, then Home
Assistant's own arguments, of which the first is --config FOLDER. VALUES is JSON with
values by "module:NAME" or, for an attribute of a constant, "module:NAME.attribute".
"""

from importlib import import_module
import json
import runpy
import sys

values = json.loads(sys.argv.pop(1))

# Home Assistant imports custom integrations from there as well.
sys.path.insert(0, sys.argv[2])
for path, value in values.items():
    module, _, name = path.partition(":")
    *constant, name = name.split(".")
    namespace = vars(import_module(module))
    if constant:
        namespace = vars(namespace[constant[0]])
    if name not in namespace:
        raise LookupError(path)
    namespace[name] = value
runpy.run_module("homeassistant", run_name="__main__", alter_sys=True)
