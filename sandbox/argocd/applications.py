"""Routes of Applications. Source: Argo CD `server/application/application.go`."""

from __future__ import annotations

import json
from typing import Any

from sandbox.argocd import errors, fields
from sandbox.argocd.accounts import NAMESPACE
from sandbox.argocd.call import Call
from sandbox.argocd.errors import GrpcError
from sandbox.argocd.source import problem_with, source_of
from sandbox.argocd.status import REFRESH
from sandbox.kubernetes import patch
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.objects import clone
from sandbox.kubernetes.selectors import parse_labels
from sandbox.kubernetes.store import Obj

Answer = dict[str, Any]
_MANAGER = "argocd-server"
_DEFAULT_PROJECT = "default"


def list_applications(call: Call) -> Answer:
    """GET /api/v1/applications: those the bearer may get; `items` is null when there are none."""
    try:
        labelled = parse_labels(call.query("selector"))
    except ApiError as error:
        why = f"error parsing the selector: {error.message}"
        raise errors.invalid_argument(why) from None
    params = call.request.query_params
    chosen = {*params.getlist("project"), *params.getlist("projects")} - {""}
    found = [
        application
        for application in call.store.list("Application", call.query("appNamespace") or NAMESPACE)
        if labelled(application["metadata"].get("labels") or {})
        and (not chosen or project_of(application) in chosen)
        and call.query("name") in ("", application["metadata"]["name"])
        and call.query("repo") in ("", source_of(application).get("repoURL"))
        and call.may("applications", "get", rbac_name(application))
    ]
    listed = {
        "metadata": {"resourceVersion": str(call.store.version)},
        "items": [told(application) for application in found] or None,
    }
    return fields.chosen(listed, call.query("fields"))


def get_application(call: Call) -> Answer:
    """GET /api/v1/applications/{name}; `refresh` asks the controller to compare again."""
    application = find(call, "get")
    refresh = call.query("refresh")
    if refresh:
        kind = "hard" if refresh == "hard" else "normal"
        application = _change(
            call, lambda obj: obj["metadata"].setdefault("annotations", {}).update({REFRESH: kind})
        )
    return told(application)


def put_application(call: Call) -> Answer:
    """PUT /api/v1/applications/{name}: spec, labels, annotations and finalizers are taken over."""
    find(call, "update")
    return _take_over(call, dict(call.body))


def patch_application(call: Call) -> Answer:
    """PATCH /api/v1/applications/{name}: a JSON Patch or a merge patch, as text in `patch`."""
    application = find(call, "update")
    return _take_over(call, _patched(application, call.text("patchType"), call.text("patch")))


def sync_application(call: Call) -> Answer:
    """POST /api/v1/applications/{name}/sync. Refused while another operation runs."""
    application = find(call, "sync")
    automated = (application["spec"].get("syncPolicy") or {}).get("automated")
    target, asked = source_of(application).get("targetRevision", ""), call.text("revision")
    if automated is not None and asked not in ("", target):
        refused = f"Cannot sync to {asked}: auto-sync currently set to {target}"
        raise errors.failed_precondition(refused)
    if application.get("operation"):
        raise errors.failed_precondition("another operation is already in progress")
    kept = ("revision", "prune", "dryRun", "resources", "syncOptions")
    request = {
        "initiatedBy": {"username": call.subject},
        "sync": {key: call.body[key] for key in kept if call.body.get(key)},
    }
    if call.body.get("strategy"):
        request["sync"]["syncStrategy"] = call.body["strategy"]
    return told(_change(call, lambda obj: obj.update(operation=request)))


def terminate_operation(call: Call) -> Answer:
    """DELETE /api/v1/applications/{name}/operation."""
    application = find(call, "sync")
    state = (application.get("status") or {}).get("operationState")
    if not application.get("operation") or not state:
        why = "Unable to terminate operation. No operation is in progress"
        raise errors.invalid_argument(why)
    _change(call, lambda obj: obj["status"]["operationState"].update(phase="Terminating"))
    return {}


def find(call: Call, action: str) -> Obj:
    """The Application of the path, if the bearer may do that to it.

    Raises GrpcError PermissionDenied for a missing one too, so that nobody learns what exists;
    NotFound only to a bearer who names the project and has the right in it.
    """
    name, project = call.param("name"), call.text("project")
    if project and not call.may("applications", action, f"{project}/{name}"):
        raise errors.permission_denied()
    application = call.store.find("Application", call.text("appNamespace") or NAMESPACE, name)
    if application is None:
        raise _missing(name) if project else errors.permission_denied()
    if not call.may("applications", action, rbac_name(application)):
        raise _missing(name) if project else errors.permission_denied()
    if project and project_of(application) != project:
        raise _missing(name)
    return application


def told(application: Obj) -> Answer:
    """Without kind and apiVersion, which protobuf does not carry."""
    return {key: value for key, value in application.items() if key not in ("kind", "apiVersion")}


def project_of(application: Obj) -> str:
    """Its project; one that names none is in `default`."""
    return application["spec"].get("project") or _DEFAULT_PROJECT


def rbac_name(application: Obj) -> str:
    """How policies name it: with its namespace only where that is not Argo CD's own."""
    metadata, project = application["metadata"], project_of(application)
    if metadata["namespace"] == NAMESPACE:
        return f"{project}/{metadata['name']}"
    return f"{project}/{metadata['namespace']}/{metadata['name']}"


def _missing(name: str) -> GrpcError:
    return errors.not_found(f'applications.argoproj.io "{name}" not found')


def _change(call: Call, mutate: Any) -> Obj:
    namespace = call.text("appNamespace") or NAMESPACE
    name = call.param("name")
    return call.store.change("Application", namespace, name, mutate, manager=_MANAGER)


def _take_over(call: Call, wanted: Obj) -> Answer:
    problem = problem_with(wanted)
    if problem:
        name = call.param("name")
        why = f"application spec for {name} is invalid: InvalidSpecError: {problem}"
        raise errors.invalid_argument(why)
    spec, metadata = wanted["spec"], wanted.get("metadata") or {}
    if project_of(wanted) != project_of(find(call, "update")):
        # Into another project it may only be moved by whoever may create it there.
        name = f"{project_of(wanted)}/{call.param('name')}"
        call.require("applications", "create", name)

    def write(obj: Obj) -> None:
        obj["spec"] = clone(spec)
        for field in ("labels", "annotations", "finalizers"):
            if metadata.get(field):
                obj["metadata"][field] = clone(metadata[field])
            else:
                obj["metadata"].pop(field, None)

    return told(_change(call, write))


def _patched(application: Obj, kind: str, text: str) -> Obj:
    """Raises GrpcError; a patch that does not apply is an error without a code, so 500."""
    if kind not in ("json", "", "merge"):
        raise errors.invalid_argument(f"Patch type '{kind}' is not supported")
    what = "calculating merge" if kind == "merge" else "decoding json"
    try:
        wanted = json.loads(text)
    except ValueError as error:
        raise errors.unknown(f"error {what} patch: {error}") from None
    if kind == "merge":
        merged = patch.merge_patch(application, wanted)
        return merged if isinstance(merged, dict) else {}
    if not isinstance(wanted, list):
        raise errors.unknown(f"error {what} patch: json: cannot unmarshal object into Go value")
    return _operate(application, wanted)


def _operate(application: Obj, operations: list[Any]) -> Obj:
    patched = application
    for one in operations:
        try:
            patched = patch.json_patch(patched, [one])
        except ApiError as error:
            path = one.get("path", "") if isinstance(one, dict) else ""
            why = error.message
            if isinstance(one, dict) and one.get("op") == "test":
                why = f"testing value {path} failed: test failed"
            raise errors.unknown(f"error applying patch: {why}") from None
    return patched
