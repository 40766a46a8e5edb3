"""Files and functions of the integration stay small enough to be read at once."""

import ast

from . import COMPONENT, MODULES

MAX_FILES_BESIDE_EACH_OTHER = 18
MAX_LINES_OF_A_FILE = 300
MAX_LINES_OF_A_FUNCTION = 40


def test_files_are_in_folders() -> None:
    assert len([*COMPONENT.glob("*.py")]) <= MAX_FILES_BESIDE_EACH_OTHER


def test_files_are_short() -> None:
    lengths = {
        path: len((COMPONENT / path).read_text("utf-8").splitlines())
        for path in MODULES
    }
    assert {p: n for p, n in lengths.items() if n > MAX_LINES_OF_A_FILE} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{path}: {node.name}": node.end_lineno - node.lineno + 1
        for path, module in MODULES.items()
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    }
    assert {f: n for f, n in lengths.items() if n > MAX_LINES_OF_A_FUNCTION} == {}
