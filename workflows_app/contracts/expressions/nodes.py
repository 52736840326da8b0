"""The syntax tree of an expression. Nodes are compared by identity, so that TRUE and 1 are never taken for one another.

`offset` is the 0-based character of the expression's text at which the node, or its operator, stands.
"""

from dataclasses import dataclass

from workflows_app.contracts.expressions.values import Value

Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """Anything that has a value."""

    offset: int

    @property
    def children(self) -> "tuple[Node | Test, ...]":
        """The nodes directly below."""
        return ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Test:
    """What is asked of an operand: the right-hand side of a predicate."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    offset: int

    @property
    def children(self) -> tuple[Node, ...]:
        """The nodes of its right-hand side."""
        return ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Literal(Node):
    """Text, a number, TRUE, FALSE or NULL as written."""

    value: Value


@dataclass(frozen=True, kw_only=True, eq=False)
class Name(Node):
    """A dotted name."""

    path: Path

    @property
    def text(self) -> str:
        """The name as written."""
        return ".".join(self.path)


@dataclass(frozen=True, kw_only=True, eq=False)
class Call(Node):
    """A function call; `function` is in lower case."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.arguments


@dataclass(frozen=True, kw_only=True, eq=False)
class Arithmetic(Node):
    """`left operator right` with one of + - * /."""

    operator: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """Both sides."""
        return (self.left, self.right)


@dataclass(frozen=True, kw_only=True, eq=False)
class Negative(Node):
    """A number with its sign turned."""

    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The number."""
        return (self.operand,)


@dataclass(frozen=True, kw_only=True, eq=False)
class Not(Node):
    """NOT operand."""

    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, kw_only=True, eq=False)
class Junction(Node):
    """Two or more parts joined by AND (`conjunction`) or by OR."""

    conjunction: bool
    parts: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The parts."""
        return self.parts


@dataclass(frozen=True, kw_only=True, eq=False)
class Check(Node):
    """A predicate: a test of one operand."""

    operand: Node
    test: Test

    @property
    def children(self) -> tuple[Node | Test, ...]:
        """The operand and its test."""
        return (self.operand, self.test)


@dataclass(frozen=True, kw_only=True, eq=False)
class Every(Node):
    """`all path test`: every element of a list passes the test as TRUE."""

    operand: Name
    test: Test

    @property
    def children(self) -> tuple[Node | Test, ...]:
        """The list and the test."""
        return (self.operand, self.test)


@dataclass(frozen=True, kw_only=True, eq=False)
class EveryMatch(Node):
    """`all path match table.column`: every element of a list stands in that column."""

    operand: Name
    table: str
    column: str

    @property
    def children(self) -> tuple[Node, ...]:
        """The list."""
        return (self.operand,)


@dataclass(frozen=True, kw_only=True, eq=False)
class Condition:
    """One `column operator value` of an aggregate."""

    column: str
    operator: str
    value: Node
    offset: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Aggregate(Node):
    """`MAX(table.column WHERE …)` over a mirror table; `function` is in upper case."""

    function: str
    table: str
    column: str
    where: tuple[Condition, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The values of the conditions."""
        return tuple(condition.value for condition in self.where)


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison(Test):
    """`operator right` with one of = != < <= > >=."""

    operator: str
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The right side."""
        return (self.right,)


@dataclass(frozen=True, kw_only=True, eq=False)
class IsNull(Test):
    """IS NULL, or `negated` IS NOT NULL."""

    negated: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Like(Test):
    """[NOT] LIKE pattern."""

    pattern: Node
    negated: bool

    @property
    def children(self) -> tuple[Node, ...]:
        """The pattern."""
        return (self.pattern,)


@dataclass(frozen=True, kw_only=True, eq=False)
class In(Test):
    """[NOT] IN members. `listed`: they stand in parentheses; else the single member is a list."""

    members: tuple[Node, ...]
    listed: bool
    negated: bool

    @property
    def children(self) -> tuple[Node, ...]:
        """The members."""
        return self.members


@dataclass(frozen=True, kw_only=True, eq=False)
class Between(Test):
    """[NOT] BETWEEN low AND high, both included."""

    low: Node
    high: Node
    negated: bool

    @property
    def children(self) -> tuple[Node, ...]:
        """Both bounds."""
        return (self.low, self.high)
