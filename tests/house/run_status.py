"""Finds, in Python source, who writes the status of a run: by what the code does, not by how its lines are broken."""

import ast
from collections.abc import Iterable, Iterator

_MODEL = "WorkflowRun"
# What leads from runs to runs; `run.steps`, `run.contract` and the like lead away from them.
_STAYS = frozenset({
    "objects", "_default_manager", "filter", "exclude", "order_by", "select_related", "select_for_update", "annotate",
    "prefetch_related", "get", "first", "last", "latest", "earliest", "all", "create", "get_or_create", "using", "only",
    "defer", "distinct", "iterator", "reverse", "run", "runs",
})  # fmt: skip
_WRITES = frozenset({"update", "create", "get_or_create", "update_or_create"})


def run_functions(trees: Iterable[ast.Module]) -> frozenset[str]:
    """The names of all functions that say that they return runs."""
    functions = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(
        each.name for each in functions if each.returns is not None and _MODEL in ast.unparse(each.returns)
    )


def status_writes(tree: ast.Module, functions: frozenset[str] = frozenset()) -> list[int]:
    """The lines that write the status of a run. `functions`: those that return runs (`run_functions`)."""
    finder = _Finder(tree, functions)
    return sorted(node.lineno for node in ast.walk(tree) if finder.writes(node))


class _Finder:
    """What is known of one module: the names that are runs or queries of runs, and the dictionaries with a status."""

    def __init__(self, tree: ast.Module, functions: frozenset[str]) -> None:
        others = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} - run_functions([tree])
        self.functions = functions - others  # a function of this module hides one of the same name elsewhere
        self.names = {_MODEL, "run"} | set(_annotated(tree))
        self.with_status = {name for name, value in _assigned(tree) if _has_status(value)}
        before = -1
        while before != len(self.names):  # a query may be built up name by name
            before = len(self.names)
            self.names |= {name for name, value in _assigned(tree) if self.is_run(value)}

    def is_run(self, node: ast.expr) -> bool:
        """Whether an expression is a run, or a query of runs."""
        match node:
            case ast.Name(id=name):
                return name in self.names
            case ast.Call(func=ast.Name(id=name)):
                return name in self.functions or name == _MODEL
            case ast.Call(func=ast.Attribute(attr=name)) if name in self.functions:
                return True
            case ast.Call(func=inner) | ast.Subscript(value=inner):
                return self.is_run(inner)
            case ast.Attribute(value=inner, attr=name):
                return name in ("run", "runs") or (name in _STAYS and self.is_run(inner))
        return False

    def writes(self, node: ast.AST) -> bool:
        """Whether a node writes the status of a run."""
        match node:
            case ast.Assign(targets=targets):
                return any(self._is_status(target) for target in targets)
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                return self._is_status(target)
            case ast.Call(func=ast.Name(id="setattr"), args=[run, ast.Constant(value="status"), *_]):
                return self.is_run(run)
            case ast.Call(func=ast.Name(id=name)) if name == _MODEL:
                return self._gives_status(node)
            case ast.Call(func=ast.Attribute(value=runs, attr="bulk_update")):
                return self.is_run(runs) and "'status'" in ast.unparse(node)
            case ast.Call(func=ast.Attribute(value=runs, attr=name)) if name in _WRITES:
                return self.is_run(runs) and self._gives_status(node)
        return False

    def _is_status(self, target: ast.expr) -> bool:
        if isinstance(target, ast.Tuple):
            return any(self._is_status(each) for each in target.elts)
        return isinstance(target, ast.Attribute) and target.attr == "status" and self.is_run(target.value)

    def _gives_status(self, call: ast.Call) -> bool:
        return any(
            keyword.arg == "status"
            or _has_status(keyword.value)
            or (isinstance(keyword.value, ast.Name) and keyword.value.id in self.with_status)
            for keyword in call.keywords
        )


def _has_status(value: ast.expr) -> bool:
    """Whether an expression is made of a dictionary with the key `status`."""
    keys = [key for node in ast.walk(value) if isinstance(node, ast.Dict) for key in node.keys]
    return any(isinstance(key, ast.Constant) and key.value == "status" for key in keys)


def _annotated(tree: ast.Module) -> Iterator[str]:
    """Parameters and variables that are declared as runs."""
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as said) if _is_declared(said):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name), annotation=said) if _is_declared(said):
                yield name


def _is_declared(annotation: ast.expr) -> bool:
    return ast.unparse(annotation).strip("'\"").split(" | ")[0] in (_MODEL, f"QuerySet[{_MODEL}]", f"list[{_MODEL}]")


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Each simple name with what it is set to, loops included."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case (
                ast.For(target=ast.Name(id=name), iter=value) | ast.comprehension(target=ast.Name(id=name), iter=value)
            ):
                yield name, value
