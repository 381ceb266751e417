from __future__ import annotations

import pytest

from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.resources import by_kind
from sandbox.kubernetes.selectors import matcher, parse_labels

LABELS = {"app": "web", "tier": "front", "app.kubernetes.io/name": "ops-service"}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,tier!=back", True),
        ("app.kubernetes.io/name=ops-service", True),
        ("app in (web, api),tier notin (back)", True),
        ("app,!missing", True),
        ("missing!=x", True),
        ("missing", False),
        ("app in (api)", False),
        ("app=web,tier=back", False),
    ],
)
def test_label_selectors(selector: str, expected: bool) -> None:
    assert parse_labels(selector)(LABELS) is expected


def test_a_selector_that_cannot_be_understood_is_400() -> None:
    with pytest.raises(ApiError, match="unable to parse requirement"):
        parse_labels("app in web")


def test_field_selectors_of_events() -> None:
    event = {"metadata": {"name": "e"}, "type": "Warning", "involvedObject": {"name": "web-1"}}
    test = matcher(by_kind("Event"), "", "involvedObject.name=web-1,type!=Normal")
    assert test(event)
    assert not test(event | {"type": "Normal"})


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ApiError, match=r"field label not supported: spec\.image"):
        matcher(by_kind("Pod"), "", "spec.image=x")
