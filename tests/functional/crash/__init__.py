"""The kill harness: workers that die at named points, and what is left at the far ends (docs/reliability.md).

`points.py` names the points, `arming.py` builds them into a process, `zygote.py` forks processes that do everything
Countersign does (`worker.py`), `storm.py` lets them die, and `far_ends.py` counts what arrived where.
"""
