# What of atheris is used; it is installed in .venv/fuzz alone.
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

def instrument_imports(include: Sequence[str]) -> AbstractContextManager[None]: ...
def Setup(  # noqa: N802 (its name)
    args: list[str],
    test_one_input: Callable[[bytes], None],
    *,
    custom_mutator: Callable[[bytes, int, int], bytes],
) -> list[str]: ...
def Mutate(data: bytes, max_size: int) -> bytes: ...  # noqa: N802
def Fuzz() -> None: ...  # noqa: N802
