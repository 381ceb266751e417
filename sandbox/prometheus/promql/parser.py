"""Parser: a query to its syntax tree, types checked (the part of PromQL that is needed)."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.prometheus.promql.cursor import Cursor, number, unquoted
from sandbox.prometheus.promql.functions import SIGNATURES
from sandbox.prometheus.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Matching,
    Negative,
    Node,
    Number,
    Selector,
    String,
    ValueType,
)
from sandbox.prometheus.promql.selectors import parse_selector

COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
SETS = ("and", "or", "unless")
_AGGREGATIONS = {"sum": 1, "avg": 1, "min": 1, "max": 1, "count": 1, "topk": 2, "bottomk": 2}
_PRECEDENCE = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(COMPARISONS, 3),
    **dict.fromkeys("+-", 4),
    **dict.fromkeys("*/%", 5),
    "^": 7,
}
_UNARY = 6
_LITERALS = ("inf", "nan")


def parse(query: str) -> Node:
    """The syntax tree of a query. Raises ParseError."""
    if not query.strip():
        raise Cursor("").error(0, "no expression found in input")
    cursor = Cursor(query)
    node = _expression(cursor, 0)
    if cursor.token.kind != "end":
        raise cursor.unexpected()
    return node


def parse_series_selector(query: str) -> Selector:
    """A bare instant selector, as `match[]` takes it. Raises ParseError."""
    cursor = Cursor(query)
    name = cursor.take() if cursor.token.kind == "identifier" else None
    selector = parse_selector(cursor, name)
    if cursor.token.kind != "end" or selector.range_ms:
        raise cursor.unexpected()
    return selector


def _expression(cursor: Cursor, floor: int) -> Node:
    """Binary operators that bind tighter than `floor` (precedence climbing)."""
    left = _unary(cursor)
    while (precedence := _binary_precedence(cursor)) > floor:
        operator = cursor.take()
        as_bool = cursor.accept("bool")
        matching = _matching(cursor)
        # `^` is the only operator that groups from the right.
        right = _expression(cursor, precedence - (operator.text == "^"))
        node = Binary(operator.text.lower(), left, right, operator.at, as_bool, matching)
        _check_operands(cursor, node)
        left = node
    return left


def _binary_precedence(cursor: Cursor) -> int:
    if cursor.token.kind not in ("operator", "identifier"):
        return 0
    return _PRECEDENCE.get(cursor.token.text.lower(), 0)


def _matching(cursor: Cursor) -> Matching:
    for word in ("on", "ignoring"):
        if cursor.accept(word):
            return Matching(cursor.labels(), ignoring=word == "ignoring")
    return Matching()


def _check_operands(cursor: Cursor, node: Binary) -> None:
    for side in (node.left, node.right):
        if side.type not in ("scalar", "instant vector"):
            what = "binary expression must contain only scalar and instant vector types"
            raise cursor.error(side.at, what)
    scalars = {node.left.type, node.right.type}
    if node.operator in COMPARISONS and scalars == {"scalar"} and not node.as_bool:
        what = "comparisons between scalars must use BOOL modifier"
        raise cursor.error(node.at, what)
    if node.operator in SETS and "scalar" in scalars:
        what = f'set operator "{node.operator}" not allowed in binary scalar expression'
        raise cursor.error(node.at, what)
    if node.as_bool and node.operator not in COMPARISONS:
        raise cursor.error(node.at, "bool modifier can only be used on comparison operators")


def _unary(cursor: Cursor) -> Node:
    if not cursor.at("-", "+"):
        return _primary(cursor)
    sign = cursor.take()
    operand = _expression(cursor, _UNARY)
    if operand.type not in ("scalar", "instant vector"):
        allowed = "unary expression only allowed on expressions of type scalar or instant vector"
        raise cursor.error(sign.at, f'{allowed}, got "{operand.type}"')
    return Negative(operand, sign.at) if sign.text == "-" else operand


def _primary(cursor: Cursor) -> Node:
    token = cursor.token
    if cursor.accept("("):
        inner = _expression(cursor, 0)
        cursor.expect(")")
        return inner
    if token.kind == "number" or (token.kind == "identifier" and token.text.lower() in _LITERALS):
        return Number(number(cursor.take().text), token.at)
    if token.kind == "string":
        return String(unquoted(cursor.take().text), token.at)
    if token.kind == "identifier" and token.text.lower() in _AGGREGATIONS:
        return _aggregation(cursor)
    if token.kind == "identifier":
        return _call_or_selector(cursor)
    if token.text == "{":
        return parse_selector(cursor)
    raise cursor.unexpected()


def _aggregation(cursor: Cursor) -> Node:
    token = cursor.take()
    operator = token.text.lower()
    labels, without = _grouping(cursor)
    cursor.expect("(", "aggregation")
    arguments = _arguments(cursor)
    wanted = _AGGREGATIONS[operator]
    if not arguments:
        raise cursor.error(token.at, "no arguments for aggregate expression provided")
    if len(arguments) != wanted:
        what = "wrong number of arguments for aggregate expression provided"
        raise cursor.error(token.at, f"{what}, expected {wanted}, got {len(arguments)}")
    if not labels and not without:
        labels, without = _grouping(cursor)
    parameter = arguments[0] if wanted == 2 else None
    if parameter is not None:
        _check_type(cursor, parameter, "scalar", "aggregation parameter")
    _check_type(cursor, arguments[-1], "instant vector", "aggregation expression")
    return Aggregation(operator, arguments[-1], token.at, labels, without, parameter)


def _grouping(cursor: Cursor) -> tuple[tuple[str, ...], bool]:
    for word in ("by", "without"):
        if cursor.accept(word):
            return cursor.labels(), word == "without"
    return (), False


def _arguments(cursor: Cursor) -> tuple[Node, ...]:
    """What stands between the parentheses; the first of them is passed already."""
    found: list[Node] = []
    while not cursor.at(")"):
        found.append(_expression(cursor, 0))
        if not cursor.accept(","):
            break
    cursor.expect(")")
    return tuple(found)


def _call_or_selector(cursor: Cursor) -> Node:
    name = cursor.take()
    if not cursor.at("("):
        return parse_selector(cursor, name)
    signature = SIGNATURES.get(name.text)
    if signature is None:
        raise cursor.error(name.at, f'unknown function with name "{name.text}"')
    cursor.take()
    arguments = _arguments(cursor)
    wanted = len(signature.arguments)
    if len(arguments) != wanted:
        what = f'expected {wanted} argument(s) in call to "{name.text}", got {len(arguments)}'
        raise cursor.error(name.at, what)
    _check_arguments(cursor, name.text, zip(arguments, signature.arguments, strict=True))
    return Call(name.text, arguments, name.at, signature.result)


def _check_arguments(cursor: Cursor, name: str, pairs: Iterable[tuple[Node, ValueType]]) -> None:
    for argument, wanted in pairs:
        _check_type(cursor, argument, wanted, f'call to function "{name}"')


def _check_type(cursor: Cursor, node: Node, wanted: ValueType, context: str) -> None:
    if node.type != wanted:
        what = f"expected type {wanted} in {context}, got {node.type}"
        raise cursor.error(node.at, what)
