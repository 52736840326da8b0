"""The context of a contract: named readings by SQL or by a provider."""

from typing import Annotated, Literal

from pydantic import Discriminator, Tag, model_validator
from pydantic_core import PydanticCustomError

from workflows_app.contracts.primitives import Expression, Name, Strict


def _params_tag(value: object) -> str:
    return "<named>" if isinstance(value, dict) else "<positional>"


Params = Annotated[
    Annotated[tuple[Expression, ...], Tag("<positional>")] | Annotated[dict[str, Expression], Tag("<named>")],
    Discriminator(_params_tag),
]


class ContextEntry(Strict):
    """One named reading: contract SQL, or a registered provider.

    `shape`: `one` is a row or NULL, `all` a list of rows, `value` the first column of the first row or NULL, `groups`
    a list of groups by the columns `group_by`, each with those columns and `rows` (the other columns of its rows).
    """

    name: Name
    tables: tuple[str, ...] = ()
    sql: str | None = None
    provider: str | None = None
    params: Params = ()
    shape: Literal["one", "all", "value", "groups"] = "all"
    group_by: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _named_params(cls, value: object) -> object:
        """The parameters of a provider go by name, also when there are none."""
        return {"params": {}, **value} if isinstance(value, dict) and "provider" in value else value

    @model_validator(mode="after")
    def _one_source(self) -> "ContextEntry":
        if (self.sql is None) == (self.provider is None):
            raise PydanticCustomError("context_source", "needs either sql or provider, and not both")
        if (self.shape == "groups") != bool(self.group_by):
            raise PydanticCustomError("context_groups", "group_by belongs to shape: groups, which needs it")
        return self
