"""The words that contract models are made of: names, expressions, durations, and the strict base."""

import re
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from workflows_app.contracts.problems import suggestion

ColumnKind = Literal["text", "integer", "decimal", "boolean", "date", "datetime"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$")]


class Expression(str):
    """Text that is one bare expression (`rule`, `if`, `params`, `expect`)."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept text only, so that a YAML number or boolean is reported instead of turned into text."""
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(strict=True, min_length=1))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Editors see a string with a hint."""
        return {"type": "string", "title": "expression"}


class Strict(BaseModel):
    """No unknown keys, no coercion, no change after loading. Lists are tuples."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    @model_validator(mode="wrap")
    @classmethod
    def _name_what_is_near(cls, value: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Tell, for an unknown key, which key of this very mapping it resembles."""
        try:
            return handler(value)
        except ValidationError as error:
            details = [_detail(cls, line) for line in error.errors(include_url=False)]
        raise ValidationError.from_exception_data(cls.__name__, details)


def _detail(model: type[BaseModel], line: ErrorDetails) -> InitErrorDetails:
    """One line of an error once more, with the nearest known key when the key is unknown to `model`."""
    message = line["msg"]
    if line["type"] == "extra_forbidden" and len(line["loc"]) == 1:
        known = (field.alias or name for name, field in model.model_fields.items())
        message = f"unknown key{suggestion(str(line['loc'][0]), known)}"
    problem = PydanticCustomError(line["type"], message)
    return InitErrorDetails(type=problem, loc=line["loc"], input=line["input"])


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_YEAR = 366 * 86400


def _duration(value: object) -> object:
    """`10s`, `15m`, `24h`, `7d` as seconds."""
    match = re.fullmatch(r"([0-9]{1,8})([smhd])", value) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError("duration", "should be a duration such as 10s, 15m, 24h or 7d")
    seconds = int(match[1]) * _UNITS[match[2]]
    if not 0 < seconds <= _YEAR:
        raise PydanticCustomError("duration", "should be at least 1s and at most 366d")
    return seconds


_Duration = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}[smhd]$")]
Seconds = Annotated[int, BeforeValidator(_duration, json_schema_input_type=_Duration)]
