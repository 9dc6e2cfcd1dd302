"""Lists bound as one value to statements that are built only once.

    is_listed   whether a column has one of the values of a list

`IN` with a place for each value is another statement for every length: it is written, parsed and
planned anew, which takes longer than to look up the values.
"""

import json
from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy import (
    BinaryExpression,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    String,
    Text,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType


def is_listed(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Whether a column of texts or whole numbers has one of the values bound under this name."""
    values = _Texts() if isinstance(column.type, String) else _Numbers()
    return _IsListed(column, bindparam(name, type_=values), operators.in_op, type_=Boolean())


class _Spelled(UserDefinedType[str]):
    """A value of one of PostgreSQL's types, bound as it is spelled in SQL.

    An array that its driver is to spell takes several times as long: it looks for the type of each
    value, and has each spelled by itself.
    """

    cache_ok = True
    render_bind_cast = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_options: Any) -> str:
        return self.name


class _Values(TypeDecorator[Collection[Any]]):
    """A list: an array on PostgreSQL, JSON on SQLite, which has no arrays."""

    impl = Text
    array: ClassVar[_Spelled]

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else self.array

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> str:
        values = value or ()
        return json.dumps(list(values)) if dialect.name == "sqlite" else _as_array(values)


class _Texts(_Values):
    cache_ok = True
    array = _Spelled("VARCHAR[]")


class _Numbers(_Values):
    cache_ok = True
    array = _Spelled("BIGINT[]")


def _as_array(values: Collection[Any]) -> str:
    """Texts or numbers as PostgreSQL spells an array of them."""
    escaped = [str(value).replace("\\", r"\\").replace('"', r"\"") for value in values]
    return '{"' + '","'.join(escaped) + '"}' if escaped else "{}"


class _IsListed(BinaryExpression[bool]):
    """Spelled for each database so that an index of the column is used."""

    inherit_cache = True


@compiles(_IsListed)
def _in_array(element: _IsListed, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.left, **options)
    values = compiler.process(element.right, **options)
    return f"{column} = ANY ({values})"


@compiles(_IsListed, "sqlite")
def _in_json(element: _IsListed, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.left, **options)
    values = compiler.process(element.right, **options)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are ours
