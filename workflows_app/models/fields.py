"""Column types that many tables share, so that one meaning has one definition."""

from typing import Any

from django.db import models


def text_id(**options: Any) -> "models.CharField[str, str]":
    """A text primary key: `cs-<kind>-<uuid>` for rows born here, NetSuite's internal id for the others."""
    return models.CharField(primary_key=True, max_length=80, **options)


def reference(**options: Any) -> "models.CharField[Any, Any]":
    """The id of another mirror row. No foreign key: a mirror copies what NetSuite says, in any order."""
    return models.CharField(max_length=80, **options)


def money(**options: Any) -> "models.DecimalField[Any, Any]":
    """An amount of money with cents."""
    return models.DecimalField(max_digits=14, decimal_places=2, **options)


def percent(**options: Any) -> "models.DecimalField[Any, Any]":
    """A percentage with two decimals, 15.00 meaning 15 %."""
    return models.DecimalField(max_digits=7, decimal_places=2, **options)
