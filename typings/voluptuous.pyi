# From 2026.9 on Home Assistant puts probatio in voluptuous' place, types included.
from probatio import *
