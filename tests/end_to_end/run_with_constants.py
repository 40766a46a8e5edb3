"""Run Home Assistant with other values of constants, such as timeouts.

A program for Home Assistant's own Python: run_with_constants.py MODULE:NAME=NUMBER …,
then Home Assistant's own arguments, of which the first is --config FOLDER.
"""

from importlib import import_module
import runpy
import sys

first = sys.argv.index("--config")
values, sys.argv[1:] = sys.argv[1:first], sys.argv[first:]

# Home Assistant imports custom integrations from there as well.
sys.path.insert(0, sys.argv[2])
for value in values:
    module, _, assignment = value.partition(":")
    name, _, number = assignment.partition("=")
    constants = vars(import_module(module))
    constants[name] = type(constants[name])(float(number))

runpy.run_module("homeassistant", run_name="__main__", alter_sys=True)
