"""What `steps.<step>.<operation>` means: the row that an operation leaves behind, as far as the contract tells."""

from collections.abc import Iterable, Mapping

from workflows_app.contracts.catalog import Catalog, Table
from workflows_app.contracts.expressions import Type, types
from workflows_app.contracts.schema import (
    InsertOperation,
    Operation,
    PromoteOperation,
    Step,
    UpdateOperation,
    UpsertOperation,
)

_VERBS = ("insert", "update", "upsert", "promote", "email", "push", "event", "stage", "again")


def operation_verb(operation: Operation) -> str:
    """The key that tells what an operation does."""
    return next(verb for verb in _VERBS if verb in type(operation).model_fields)


def operation_name(operation: Operation) -> str:
    """Its `id`, or the table that it writes, or its verb."""
    verb = operation_verb(operation)
    written = getattr(operation, verb)
    return operation.id or (written if isinstance(written, str) else verb)


def step_type(step: Step, catalog: Catalog) -> Type:
    """`items`, and without a loop each row operation by its name."""
    operations: Iterable[Operation] = getattr(step, "operations", ()) if step.for_each is None else ()
    named: dict[str, Type] = {"items": types.INTEGER}
    for operation in operations:
        row = operation_type(operation, catalog)
        if row is not None:
            named.setdefault(operation_name(operation), row)
    return types.row_of(named)


def operation_type(operation: Operation, catalog: Catalog) -> Type | None:
    """The row of an operation that stands for one row; None for loops and for what is no row."""
    if operation.for_each is not None:
        return None
    match operation:
        case InsertOperation():
            return _row(operation.insert, catalog, operation.values)
        case UpdateOperation():
            return _row(operation.update, catalog, operation.set)
        case UpsertOperation():
            return _row(operation.upsert, catalog, {**operation.match, **operation.set})
        case PromoteOperation():
            return (
                _row(operation.into, catalog, catalog.tables[operation.into].columns)
                if _known(operation, catalog)
                else None
            )
    return None


def _known(operation: PromoteOperation, catalog: Catalog) -> bool:
    return operation.into in catalog.tables


def identity_type(table: Table) -> Type:
    """What an insert knows of its own row while its values are rendered."""
    return types.row_of({"id": types.TEXT, table.key: types.TEXT})


def _row(name: str, catalog: Catalog, written: Iterable[str]) -> Type:
    table = catalog.tables.get(name)
    if table is None:
        return types.UNKNOWN
    columns: Mapping[str, Type] = {
        column: types.type_of_column(table.columns[column]) for column in written if column in table.columns
    }
    return types.row_of({**columns, "id": types.TEXT, table.key: types.TEXT})
