"""Evaluation: a syntax tree becomes nested Python closures, once; running them costs a few microseconds."""

from collections.abc import Callable, Sequence
from functools import lru_cache, singledispatch

from workflows_app.contracts.expressions import nodes, operators
from workflows_app.contracts.expressions.functions import FUNCTIONS
from workflows_app.contracts.expressions.nodes import Node, Test
from workflows_app.contracts.expressions.operators import Truth, truth
from workflows_app.contracts.expressions.parser import parse
from workflows_app.contracts.expressions.values import Env, EvaluationError, Pattern, Value, flat

Code = Callable[[Env], Value]
TestCode = tuple[Callable[..., Truth], tuple[Code, ...]]  # a test of (operand, *bounds), and what gives the bounds

TOO_LARGE = "a number or a moment is too large to compute with"


def evaluate(expression: str | Node, env: Env) -> Value:
    """The value of an expression. Raises `ExpressionError` for bad text, else nothing but `EvaluationError`."""
    try:
        return _code(expression)(env)
    except ArithmeticError as error:
        raise EvaluationError(TOO_LARGE) from error


def is_true(expression: str | Node, env: Env) -> bool:
    """Whether the expression is TRUE; NULL and anything else is not. Raises as `evaluate` does."""
    return evaluate(expression, env) is True


@lru_cache(maxsize=4096)
def _code(expression: str | Node) -> Code:
    return _compile(parse(expression) if isinstance(expression, str) else expression)


@singledispatch
def _compile(node: Node) -> Code:
    raise NotImplementedError(type(node).__name__)


@_compile.register
def _literal(node: nodes.Literal) -> Code:
    value = node.value
    return lambda env: value


@_compile.register
def _name(node: nodes.Name) -> Code:
    path = node.path
    return lambda env: env.lookup(path)


@_compile.register
def _junction(node: nodes.Junction) -> Code:
    """AND stops at the first FALSE, OR at the first TRUE; NULL is remembered."""
    parts = [_compile(part) for part in node.parts]
    unit = node.conjunction

    def run(env: Env) -> Truth:
        result: Truth = unit
        for part in parts:
            value = truth(part(env))
            if value is None:
                result = None
            elif value is not unit:
                return value
        return result

    return run


@_compile.register
def _not(node: nodes.Not) -> Code:
    operand = _compile(node.operand)
    return lambda env: operators.inverted(operand(env))


@_compile.register
def _arithmetic(node: nodes.Arithmetic) -> Code:
    left, right, compute = _compile(node.left), _compile(node.right), operators.arithmetic(node.operator)
    return lambda env: compute(left(env), right(env))


@_compile.register
def _negative(node: nodes.Negative) -> Code:
    operand = _compile(node.operand)
    return lambda env: operators.negative(operand(env))


@_compile.register
def _call(node: nodes.Call) -> Code:
    function = FUNCTIONS.get(node.function)
    if function is None:
        raise EvaluationError(f"there is no function {node.function}()")
    problem = function.count_problem(node.function, len(node.arguments))
    if problem:
        raise EvaluationError(problem)
    call, arguments = function.call, [_compile(argument) for argument in node.arguments]
    return lambda env: call(env, [argument(env) for argument in arguments])


@_compile.register
def _aggregate(node: nodes.Aggregate) -> Code:
    """A condition with NULL is never TRUE, so then no row counts and the table need not be asked."""
    function, table, column = node.function, node.table, node.column
    where = [(c.column.rpartition(".")[2], c.operator, _compile(c.value)) for c in node.where]

    def run(env: Env) -> Value:
        conditions = [(name, operator, value(env)) for name, operator, value in where]
        if any(value is None for _, _, value in conditions):
            return 0 if function == "COUNT" else None
        return env.aggregate(function, table, column, conditions)

    return run


# --- predicates -----------------------------------------------------------------------------------------------------


@_compile.register
def _check(node: nodes.Check) -> Code:
    operand = _compile(node.operand)
    test, bounds = _compile_test(node.test)
    if not bounds:
        return lambda env: test(operand(env))
    if len(bounds) == 1:
        bound = bounds[0]
        return lambda env: test(operand(env), bound(env))
    return lambda env: test(operand(env), *[bound(env) for bound in bounds])


@_compile.register
def _every(node: nodes.Every) -> Code:
    operand, what = _compile(node.operand), f"all {node.operand.text}"
    passes = _compile_pass(node)

    def run(env: Env) -> bool:
        elements = _listed(operand(env), what)
        return bool(elements) and all(map(passes(env), elements))

    return run


def _compile_pass(node: nodes.Every) -> Callable[[Env], Callable[[Value], bool]]:
    """The question that is put to each element; its bounds are evaluated once, not once per element."""
    test, bounds = _compile_test(node.test)

    def bind(env: Env) -> Callable[[Value], bool]:
        values = [bound(env) for bound in bounds]
        return lambda element: test(element, *values) is True

    return bind


@_compile.register
def _every_match(node: nodes.EveryMatch) -> Code:
    operand, what, table, column = _compile(node.operand), f"all {node.operand.text}", node.table, node.column

    def run(env: Env) -> bool:
        elements = _listed(operand(env), what)
        if not elements or any(element is None for element in elements):
            return False
        return not env.missing_from(elements, table, column)

    return run


def _listed(value: Value, what: str) -> list[Value]:
    return [] if value is None else flat(value, what)


def listed(node: nodes.Every | nodes.EveryMatch, env: Env) -> list[Value]:
    """The elements that `all` asks. Raises `EvaluationError` when there is no list."""
    return _listed(evaluate(node.operand, env), f"all {node.operand.text}")


def failing(node: nodes.Every, env: Env) -> list[int]:
    """The positions, among `listed`, of the elements that do not pass. Raises `EvaluationError`."""
    passes = _compile_pass(node)(env)
    return [index for index, element in enumerate(listed(node, env)) if not passes(element)]


@singledispatch
def _compile_test(test: Test) -> TestCode:
    raise NotImplementedError(type(test).__name__)


@_compile_test.register
def _comparison(test: nodes.Comparison) -> TestCode:
    return operators.comparison(test.operator), (_compile(test.right),)


@_compile_test.register
def _is_null(test: nodes.IsNull) -> TestCode:
    if test.negated:
        return lambda value: value is not None, ()
    return lambda value: value is None, ()


@_compile_test.register
def _like(test: nodes.Like) -> TestCode:
    """A pattern written out is a pattern; anything else is a value, unless `contains()` or `starts_with()` made it."""
    pattern = _compile(test.pattern)
    if isinstance(test.pattern, nodes.Literal) and isinstance(test.pattern.value, str):
        written = Pattern(test.pattern.value)
        pattern = lambda env: written  # noqa: E731
    return _negatable(operators.like, test.negated), (pattern,)


@_compile_test.register
def _in(test: nodes.In) -> TestCode:
    members = [_compile(member) for member in test.members]
    gather = _gather_listed(members) if test.listed else _gather_one(members[0])
    return _negatable(operators.within, test.negated), (gather,)


def _gather_listed(members: Sequence[Code]) -> Code:
    """The values in the parentheses; a list among them stands for its elements, as a parameter `IN (?)` does in SQL."""

    def gather(env: Env) -> list[Value]:
        values = [member(env) for member in members]
        return flat(values, "IN")

    return gather


def _gather_one(member: Code) -> Code:
    def gather(env: Env) -> list[Value] | None:
        value = member(env)
        return None if value is None else flat(value, "IN")

    return gather


@_compile_test.register
def _between(test: nodes.Between) -> TestCode:
    return _negatable(operators.between, test.negated), (_compile(test.low), _compile(test.high))


def _negatable(test: Callable[..., Truth], negated: bool) -> Callable[..., Truth]:
    if not negated:
        return test
    return lambda *values: operators.inverted(test(*values))
