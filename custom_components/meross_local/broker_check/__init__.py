"""A check of a broker as a plug uses it, before any plug is changed."""

from .check import Problem, async_check_broker

__all__ = ["Problem", "async_check_broker"]
