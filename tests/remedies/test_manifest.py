"""Editing a manifest: one value changes, and every other character stays."""

from __future__ import annotations

import pytest
import yaml

from probes.application.sources import identity
from remedies.git.manifest import ManifestError, declares, edited, parameters_in

APP, NAME, NEW = "ops-service-prod", "config.PROMETHEUS_URL", "http://prometheus:9090/api/x"

MANIFEST = """\
# ops-service in production
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ops-service-prod   # tracked by the root app
spec:
  source:
    repoURL: https://git.example.com/wealist.git
    helm:
      valueFiles: [../../environments/prod.yaml]
      parameters:
        # bumped by CI
        - name: image.tag
          value: "135-bd070f7"

        - name: config.PROMETHEUS_URL
          value: "http://prometheus:9090"  # no prefix
        - name: config.DB_AUTO_MIGRATE
          value: 'false'
  destination: {namespace: wealist-prod}
"""


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went, and those that came."""
    gone, came = before.splitlines(), after.splitlines()
    return [one for one in gone if one not in came], [one for one in came if one not in gone]


def test_only_the_value_changes_and_its_quotes_and_comment_stay() -> None:
    assert changed(MANIFEST, edited(MANIFEST, APP, NAME, NEW)) == (
        ['          value: "http://prometheus:9090"  # no prefix'],
        [f'          value: "{NEW}"  # no prefix'],
    )


def test_the_word_true_is_forced_to_be_a_string() -> None:
    after = edited(MANIFEST, APP, "config.DB_AUTO_MIGRATE", "true")
    assert changed(MANIFEST, after) == (
        ["          value: 'false'"],
        ["          value: 'true'", "          forceString: true"],
    )
    assert parameters_in(after, APP)[2] == {
        "name": "config.DB_AUTO_MIGRATE",
        "value": "true",
        "forceString": True,
    }
    assert edited(after, APP, "config.DB_AUTO_MIGRATE", "true") == after


def test_a_new_parameter_comes_last_as_the_others_are_indented() -> None:
    after = edited(MANIFEST, APP, "config.LOKI_URL", "http://loki:3100")
    assert after == MANIFEST.replace(
        "          value: 'false'\n",
        "          value: 'false'\n"
        "        - name: config.LOKI_URL\n"
        '          value: "http://loki:3100"\n',
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('value: "http://prometheus:9090"', f'value: "{NEW}"'),
        ("value: 'http://prometheus:9090'", f"value: '{NEW}'"),
        ("value: http://prometheus:9090", f"value: {NEW}"),
        ("value:   http://prometheus:9090   # x", f"value:   {NEW}   # x"),
    ],
)
def test_quotes_stay_as_they_were(before: str, after: str) -> None:
    text = MANIFEST.replace('value: "http://prometheus:9090"  # no prefix', before)
    assert edited(text, APP, NAME, NEW) == text.replace(before, after)


def test_a_plain_value_that_cannot_stay_plain_is_quoted() -> None:
    text = MANIFEST.replace("value: 'false'", "value: no")
    after = edited(text, APP, "config.DB_AUTO_MIGRATE", "true")
    assert '          value: "true"\n          forceString: true\n' in after


def test_flow_style_stays_flow_style() -> None:
    start = MANIFEST[: MANIFEST.index("      parameters:")]
    text = f"{start}      parameters: [{{name: config.DB_AUTO_MIGRATE, value: 'false'}}]\n"
    after = edited(text, APP, "config.DB_AUTO_MIGRATE", "true")
    assert after.endswith("[{name: config.DB_AUTO_MIGRATE, value: 'true', forceString: true}]\n")
    more = edited(text, APP, "config.A", "b")
    assert more.endswith("value: 'false'}, {name: config.A, value: \"b\"}]\n")
    empty = f"{start}      parameters: []\n"
    assert edited(empty, APP, "config.A", "b").endswith('[{name: config.A, value: "b"}]\n')


def test_the_entry_of_another_application_in_the_same_file_stays() -> None:
    other = MANIFEST.replace("name: ops-service-prod ", "name: ops-service-dev ")
    text = f"{other}---\n{MANIFEST}---\n{{}}\n"
    after = edited(text, APP, NAME, NEW)
    assert after == f"{other}---\n{edited(MANIFEST, APP, NAME, NEW)}---\n{{}}\n"


def test_of_several_sources_the_one_that_was_chosen_is_edited() -> None:
    document = yaml.safe_load(MANIFEST)
    source = document["spec"].pop("source")
    redis = {"repoURL": "https://x", "path": "redis", "helm": {"parameters": []}}
    document["spec"]["sources"] = [redis, source]
    text = yaml.safe_dump(document)
    chosen = identity(source)
    after = edited(text, APP, NAME, NEW, chosen)
    assert parameters_in(after, APP, chosen)[1]["value"] == NEW
    assert parameters_in(after, APP, identity(redis)) == []
    for strange in ((), identity({**source, "path": "board"})):
        with pytest.raises(ManifestError, match="none of its 2 sources is the one"):
            edited(text, APP, NAME, NEW, strange)


def test_line_ends_and_the_end_of_the_file_stay() -> None:
    windows = MANIFEST.replace("\n", "\r\n")
    after = edited(windows, APP, "config.DB_AUTO_MIGRATE", "true")
    assert after.count("\r\n") == after.count("\n") == windows.count("\n") + 1
    cut = MANIFEST[: MANIFEST.index("  destination")].rstrip("\n")
    assert edited(cut, APP, "config.A", "b") == (
        f'{cut}\n        - name: config.A\n          value: "b"'
    )


def test_of_two_entries_the_last_one_counts() -> None:
    twice = MANIFEST.replace("# bumped by CI", "- {name: config.PROMETHEUS_URL, value: old}")
    after = edited(twice, APP, NAME, NEW)
    assert [one["value"] for one in parameters_in(after, APP) if one["name"] == NAME] == [
        "old",
        NEW,
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (MANIFEST.replace("kind: Application", "kind: AppProject"), "declares Application"),
        (f"{MANIFEST}---\n{MANIFEST}", "declares Application ops-service-prod 2 times"),
        (MANIFEST.replace("parameters:", "params:"), "has no list of helm parameters"),
        (
            MANIFEST.replace('"http://prometheus:9090"  # no prefix', ">-\n            x"),
            "one line",
        ),
        ("{{ if .Values.x }}\n" + MANIFEST, "it is no YAML"),
        (
            MANIFEST.replace('value: "http', 'value: &url "http').replace("'false'", "*url"),
            "could not be edited safely",
        ),
    ],
)
def test_what_cannot_be_edited_safely_is_left_to_a_person(text: str, why: str) -> None:
    with pytest.raises(ManifestError, match=why):
        edited(text, APP, NAME, NEW)


def test_a_manifest_is_told_by_kind_and_name() -> None:
    assert declares(MANIFEST, APP)
    assert not declares(MANIFEST, "ops-portal-prod")
    assert not declares("ops-service-prod: {{ .Values }}", APP)
    assert not declares("- ops-service-prod\n", APP)
    assert not declares("", APP)
