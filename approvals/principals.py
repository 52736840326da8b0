"""Who does something: a person, or a machine (API token, MCP, schedule). A machine never decides."""

from dataclasses import dataclass
from typing import Literal, get_args

from django.contrib.auth.base_user import AbstractBaseUser

Kind = Literal["person", "machine"]


@dataclass(frozen=True)
class Principal:
    """A principal; as text `person:mike` or `machine:tick`. The name is not empty."""

    kind: Kind
    name: str

    def __post_init__(self) -> None:
        """Refuse what could not be read back. Raises `ValueError`."""
        if self.kind not in get_args(Kind) or not self.name.strip():
            raise ValueError(f"{self.kind}:{self.name} is not a principal such as person:mike or machine:tick")

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @classmethod
    def person(cls, user: AbstractBaseUser) -> "Principal":
        """The person who is logged in as `user`."""
        return cls("person", user.get_username())

    @classmethod
    def machine(cls, name: str) -> "Principal":
        """The machine of that name."""
        return cls("machine", name)

    @classmethod
    def parse(cls, text: str) -> "Principal":
        """Read `person:mike` back. Raises `ValueError`."""
        kind, _, name = text.partition(":")
        if kind == "person":
            return cls("person", name)
        if kind == "machine":
            return cls("machine", name)
        raise ValueError(f"{text!r} is not a principal such as person:mike or machine:tick")
