"""Verify checks that answer as the test says, and a clock that stands still."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from workflows_app.checks.base import Finding
from workflows_app.models import VerifyResult

CONTRACT = """
workflow_type: look
contract_version: 1
title: Look
category: Test
risk_level: 3
description: Changes a row.
trigger: {kind: manual}
fan_out:
  - name: mark
    kind: d1_write
    operations:
      - {update: spec_items, where: {item_code: MILK}, set: {active: false}}
"""


def passes(name: str) -> Finding:
    """It holds."""
    return Finding(passed=True, detail=name)


class Clock:
    """Stands still, until it is turned."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """What it says, in seconds."""
        return self.seconds


class Looking:
    """A check kind that remembers what it was asked, and answers as the test says."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.answer: Callable[[str], Finding] = passes
        self._lock = threading.Lock()

    def execute(self, spec: Mapping[str, Any], now: datetime) -> Finding:
        """Look."""
        with self._lock:
            self.asked[spec["name"]] += 1
        return self.answer(spec["name"])


def statuses() -> Counter[str]:
    """How many checks ended how."""
    return Counter(VerifyResult.objects.values_list("status", flat=True))
