"""A package with a new kind of activity, complete and tested, for its makers to go on from."""

from .write import BadName, Plan, plan, write

__all__ = ["BadName", "Plan", "plan", "write"]
