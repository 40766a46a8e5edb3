"""Bytes from anyone to the hub: whatever they are, what it promises must hold.

`house` is a hub with three plugs and what must hold, `script` the form of an input,
`guided` a run that atheris guides by coverage, `soak` a long one that watches memory.
"""
