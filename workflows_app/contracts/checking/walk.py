"""Walks a step or verify check of any kind: every expression, every text, every operation, each with its own names."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from workflows_app.contracts.checking.columns import check_columns
from workflows_app.contracts.checking.letters import check_letter
from workflows_app.contracts.checking.limits import check_limits
from workflows_app.contracts.checking.names import usable_name
from workflows_app.contracts.checking.report import Place, Report
from workflows_app.contracts.checking.results import identity_type, operation_name, operation_type
from workflows_app.contracts.expressions import Type, types
from workflows_app.contracts.problems import suggestion
from workflows_app.contracts.schema import Expression, InsertOperation, Operation, Step, UpdateOperation

_RULES = frozenset({"if", "rule", "recheck", "expect"})
# Texts that are used as they stand, so that ${{ }} in them would be a mistake.
_PLAIN = frozenset({"entity_type", "record_type", "queue", "on_failure", "action", "template", "type", "sql"})
_LOOP = frozenset({"for_each", "as", "key"})


class Walk:
    """One step or verify check. `own`: the step whose operations see each other; `fresh`: what recheck rules see."""

    def __init__(self, report: Report, own: str, fresh: Place) -> None:
        self.report = report
        self.own = own
        self.fresh = fresh

    def model(self, model: BaseModel, place: Place, skip: frozenset[str] = frozenset()) -> None:
        """Check a model with all that is in it, except the keys in `skip`."""
        place = self._loop(model, place)
        if isinstance(model, Step):
            self.fresh = _with_alias(self.fresh, model, place)
        check_letter(self.report, model, place)
        check_limits(self.report, model, place)
        for name, info in type(model).model_fields.items():
            key = info.alias or name
            if key not in skip | _LOOP:
                self._field(key, getattr(model, name), place.under(key))

    def _field(self, key: str, value: Any, place: Place) -> None:
        if key == "recheck":
            place = Place(path=place.path, types=self.fresh.types, visible=self.fresh.visible)
        if isinstance(value, tuple) and value and all(isinstance(item, Operation) for item in value):
            self.operations(value, place)
        elif key in _PLAIN and isinstance(value, str):
            if "${{" in value:
                self.report.add(place.path, "is used as it stands; ${{ }} has no meaning here", value.index("${{"))
        else:
            self._value(key, value, place)

    def _value(self, key: str, value: Any, place: Place) -> None:
        if isinstance(value, Expression):
            self.report.rule(value, place) if key in _RULES else self.report.expression(value, place)
        elif isinstance(value, BaseModel):
            self.model(value, place)
        elif isinstance(value, tuple | list):
            for index, item in enumerate(value):
                self._value(key, item, place.under(index))
        elif isinstance(value, Mapping) and any(isinstance(item, BaseModel) for item in value.values()):
            for name, item in value.items():
                self._value(key, item, place.under(name))
        else:
            self.report.value(value, place)

    def operations(self, operations: tuple[Operation, ...], place: Place) -> None:
        """Check operations in order; each sees the rows of those before it."""
        names: set[str] = set()
        for index, operation in enumerate(operations):
            at = Place(path=(*place.path, index), types=place.types, visible=place.visible)
            name = operation_name(operation)
            if name in names and not isinstance(operation, UpdateOperation):
                self.report.add(at.path, f"two operations are called {name}; give this one an id")
            names.add(name)
            self._operation(operation, name, at)
            row = operation_type(operation, self.report.catalog)
            if row is not None:
                place = self._named(place, name, row)

    def _operation(self, operation: Operation, name: str, place: Place) -> None:
        inside = self._loop(operation, place)
        table = self.report.catalog.tables.get(operation.insert) if isinstance(operation, InsertOperation) else None
        if table is not None:
            inside = self._named(inside, name, identity_type(table))
        check_columns(self.report, operation, inside)
        check_limits(self.report, operation, place)
        for field, info in type(operation).model_fields.items():
            key = info.alias or field
            if key not in _LOOP | {"id", "insert", "update", "upsert", "promote", "into"}:
                self._field(key, getattr(operation, field), inside.under(key))

    def _named(self, place: Place, name: str, row: Type) -> Place:
        """The place where `steps.<this step>.<name>` means a row."""
        steps = dict(place.types.names["steps"].columns or {})
        mine = steps.get(self.own, types.row_of({})).columns or {}
        steps[self.own] = types.row_of({**mine, name: row})
        bound = place.bind("steps", types.row_of(steps))
        return Place(path=bound.path, types=bound.types, visible=bound.visible | {self.own})

    def _loop(self, model: BaseModel, place: Place) -> Place:
        """The place inside the loop of a step, operation or sublist: with its alias."""
        if not {"for_each", "as_"} <= type(model).model_fields.keys():
            return place
        for_each, alias = getattr(model, "for_each", None), getattr(model, "as_", None)
        if for_each is None:
            if alias is not None:
                self.report.add(place.under("as").path, "belongs to for_each, which is missing", at_key=True)
            return place
        found = self.report.expression(for_each, place.under("for_each"))
        if found.family not in ("", "list"):
            self.report.add(place.under("for_each").path, f"is {found.kind}, and a loop needs a list")
        if alias is None:
            self.report.add(place.under("as").path, "is missing: for_each needs a name for its element")
            return place
        self._check_alias(alias, place)
        self._check_key(model, for_each, found.element, place)
        return place.bind(alias, found.element if found.kind == "list" and found.element else types.UNKNOWN)

    def _check_alias(self, alias: str, place: Place) -> None:
        path = place.under("as").path
        if alias in place.types.names and alias not in self.report.lost and alias not in ("steps", "run", "inputs"):
            self.report.add(path, f"the name {alias} is taken already by an input, a context entry or an outer loop")
        else:
            usable_name(self.report, path, alias)

    def _check_key(self, model: BaseModel, for_each: str, element: Type | None, place: Place) -> None:
        key = getattr(model, "key", None)
        if key is None or element is None or element.columns is None or key in element.columns:
            return
        near = suggestion(key, element.columns)
        self.report.add(place.under("key").path, f"an element of {for_each} has no {key} to identify it by{near}")


def _with_alias(fresh: Place, step: Step, inside: Place) -> Place:
    """What recheck rules of a looping step see: its element, freshly loaded, and as it `was`."""
    if step.as_ is None or step.for_each is None:
        return fresh
    element = inside.types.names.get(step.as_, types.UNKNOWN)
    return fresh.bind(step.as_, element).bind("was", element)
