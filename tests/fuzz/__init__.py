"""Any bytes from any sender to the hub: what it promises must hold.

`target` is a hub with three plugs, `promises` what must hold, `script` the form of an
input, `guided` a run that atheris guides by coverage, `soak` a long one.
"""
