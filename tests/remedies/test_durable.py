"""Given no clone, the change for Git is an entry in its place, and no patch that does not apply."""

from __future__ import annotations

import pytest
import yaml

from remedies.git.durable import Declared, guessed
from remedies.parameter.helm import Edit, Parameters

NAME, BAD_URL, URL = "config.PROMETHEUS_URL", "http://prometheus:9090", "http://prometheus:9090/x"


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ([{"name": "a", "value": "b"}, {"name": NAME, "value": BAD_URL}], f"it is {BAD_URL})"),
        ([{"name": NAME, "value": BAD_URL}, {"name": "a", "value": "b"}], f"it is {BAD_URL})"),
        ([{"name": "a", "value": "b"}], "it is not set)"),
        (None, "it is not set)"),
    ],
)
def test_without_the_file_the_entry_is_told_in_its_place(
    parameters: list[dict[str, str]] | None, told: str
) -> None:
    helm = {} if parameters is None else {"parameters": parameters}
    source = {"repoURL": "https://git.example.com/x.git", "path": "charts/ops", "helm": helm}
    declared = Declared("https://git.example.com/x.git", "main", "apps", "")
    wanted = {"parameters": [{"name": NAME, "value": URL}]}
    alone = guessed(Edit(Parameters("/spec/source", source), NAME, URL), declared, "ops-prod")
    assert yaml.safe_load(alone) == {"spec": {"source": {"helm": wanted}}}
    assert told in alone
    assert "that declares Application ops-prod, on main:" in alone
    several = guessed(Edit(Parameters("/spec/sources/1", source), NAME, URL), declared, "ops-prod")
    assert yaml.safe_load(several) == {
        "spec": {"sources": [{"path": "charts/ops", "helm": wanted}]}
    }
    assert not any(line.startswith(("+", "-")) for line in (alone + several).splitlines())
