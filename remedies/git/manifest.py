"""Editing one helm parameter in the text of an Application's manifest, and nothing else. Pure.

The text is never written anew from what YAML makes of it: comments, quotes and order stay. What
comes out is read again, and must differ from what went in by that parameter alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from probes.application.sources import identity, sources_of
from probes.rawjson import mapping
from remedies.parameter.helm import wants_force

Identity = tuple[str, ...]
"""What tells a source from the others."""


class ManifestError(Exception):
    """The text cannot be edited safely; the message is a sentence that says why."""


def declares(text: str, application: str) -> bool:
    """Whether one of its documents is that Application; a template is no YAML, and none."""
    try:
        return len(list(_documents(text, application))) == 1
    except yaml.YAMLError:
        return False


def parameters_in(text: str, application: str, source: Identity = ()) -> list[dict[str, Any]]:
    """The entries of its helm parameters. Raises ManifestError where there is no such list."""
    place = _place(text, application, source)
    _list(text, application, place)
    listed = _entries(list(yaml.safe_load_all(text)), application, place)
    return [one for one in listed if isinstance(one, dict)]


def edited(text: str, application: str, name: str, value: str, source: Identity = ()) -> str:
    """The text with that parameter set to the value. Raises ManifestError.

    `source` is the identity of the one that has it, where there are several.
    """
    place = _place(text, application, source)
    listed = _list(text, application, place)
    entry = next((one for one in reversed(listed.value) if _scalar(one, "name") == name), None)
    if entry is None:
        changed = _with_entry(text, listed, name, value)
    else:
        changed = _with_value(text, entry, value)
    _require_only(text, changed, application, place, name, value)
    return changed


def _documents(text: str, application: str) -> Iterator[yaml.MappingNode]:
    for node in yaml.compose_all(text, Loader=yaml.SafeLoader):
        if _scalar(node, "kind") == "Application":
            metadata = _child(node, "metadata")
            if _scalar(metadata, "name") == application:
                yield node


def _place(text: str, application: str, source: Identity) -> int:
    """Where among the sources the wanted one is; the only one may differ from the live one."""
    try:
        found = [one for one in yaml.safe_load_all(text) if _is(one, application)]
    except yaml.YAMLError as error:
        raise ManifestError(f"it is no YAML: {error}") from error
    if len(found) != 1:
        raise ManifestError(f"it declares Application {application} {len(found)} times")
    sources = sources_of(found[0])
    alike = [place for place, one in enumerate(sources) if identity(one) == source]
    if len(sources) == 1 or len(alike) == 1:
        return alike[0] if alike else 0
    told = f"none of its {len(sources)} sources is the one of the live Application"
    raise ManifestError(f"{told}: edit it by hand")


def _is(document: Any, application: str) -> bool:
    is_one = isinstance(document, dict) and document.get("kind") == "Application"
    return is_one and mapping(document, "metadata").get("name") == application


def _list(text: str, application: str, place: int) -> yaml.SequenceNode:
    spec = _child(next(_documents(text, application)), "spec")
    several = _child(spec, "sources")
    sources = several.value if isinstance(several, yaml.SequenceNode) else [_child(spec, "source")]
    listed = _child(_child(sources[place], "helm"), "parameters")
    if isinstance(listed, yaml.SequenceNode):
        return listed
    raise ManifestError("it has no list of helm parameters: add one by hand")


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _scalar(node: yaml.Node | None, key: str) -> str | None:
    found = _child(node, key)
    return found.value if isinstance(found, yaml.ScalarNode) else None


def _with_value(text: str, entry: yaml.Node, value: str) -> str:
    """The value replaced in its own quotes; `forceString` where helm would make it no string."""
    old, force = _child(entry, "value"), _child(entry, "forceString")
    if not isinstance(old, yaml.ScalarNode) or old.start_mark.line != old.end_mark.line:
        raise ManifestError("the parameter's value is not on one line: edit it by hand")
    ends = [(old, _literal(value, old.style))]
    if wants_force(value) and isinstance(force, yaml.ScalarNode):
        ends.append((force, "true"))
    changed = text
    for node, new in sorted(ends, key=lambda one: -one[0].start_mark.index):
        changed = changed[: node.start_mark.index] + new + changed[node.end_mark.index :]
    if not wants_force(value) or force is not None:
        return changed
    place = old.start_mark.index + len(ends[0][1])
    if entry.flow_style:
        return f"{changed[:place]}, forceString: true{changed[place:]}"
    return _below(changed, place, _column_of(entry, "value"), ("forceString: true",))


def _with_entry(text: str, listed: yaml.SequenceNode, name: str, value: str) -> str:
    """A new entry after the last one, as the others are indented."""
    quoted = json.dumps(value, ensure_ascii=False)
    pairs = [f"name: {_literal(name, None)}", f"value: {quoted}"]
    pairs += ["forceString: true"] if wants_force(value) else []
    if listed.flow_style:
        place = listed.end_mark.index - 1
        comma = ", " if listed.value else ""
        return f"{text[:place]}{comma}{{{', '.join(pairs)}}}{text[place:]}"
    first, *rest = pairs
    lines = (f"- {first}", *(f"  {one}" for one in rest))
    return _below(text, _end_of(listed.value[-1]), listed.start_mark.column, lines)


def _below(text: str, place: int, column: int, lines: tuple[str, ...]) -> str:
    """The text with lines of its own after the line of that place."""
    newline = "\r\n" if "\r\n" in text else "\n"
    added = newline.join(" " * column + one for one in lines)
    if place and text[place - 1] == "\n":  # a block scalar ends with its last line
        return f"{text[:place]}{added}{newline}{text[place:]}"
    end = text.find("\n", place)
    if end < 0:
        return f"{text}{newline}{added}"
    return f"{text[: end + 1]}{added}{newline}{text[end + 1 :]}"


def _end_of(node: yaml.Node) -> int:
    """Where its last scalar ends; the mark of a block is where the next one begins."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end_of(last[1] if isinstance(last, tuple) else last)


def _column_of(node: yaml.Node, key: str) -> int:
    return next(int(name.start_mark.column) for name, _ in node.value if name.value == key)


def _literal(value: str, style: str | None) -> str:
    """The value as YAML writes it, in the quotes of before as far as they can hold it."""
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    if style is None and _is_plain(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_plain(value: str) -> bool:
    try:
        return bool(yaml.safe_load(f"[{value}]") == [value])
    except yaml.YAMLError:
        return False


def _require_only(
    text: str, changed: str, application: str, place: int, name: str, value: str
) -> None:
    """Raises ManifestError where anything else than the parameter is another now."""
    try:
        wanted, found = (list(yaml.safe_load_all(one)) for one in (text, changed))
    except yaml.YAMLError as error:
        raise ManifestError(f"it could not be edited safely: {error}") from error
    listed = _entries(wanted, application, place)
    entry = next((one for one in reversed(listed) if one.get("name") == name), None)
    if entry is None:
        entry = {"name": name}
        listed.append(entry)
    entry |= {"value": value} | ({"forceString": True} if wants_force(value) else {})
    if found != wanted:
        raise ManifestError("it could not be edited safely: edit it by hand")


def _entries(documents: list[Any], application: str, place: int) -> list[Any]:
    """The Application's list of parameters, in documents that `_list` found it in."""
    ours = next(one for one in documents if _is(one, application))
    listed: list[Any] = sources_of(ours)[place]["helm"]["parameters"]
    return listed
