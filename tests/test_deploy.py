"""Image, compose file and manifests, checked without an engine: by their own schemas, and against what Youli has."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft7Validator

from main import cli
from settings import SECRETS, Settings
from tests.play import ROOT
from web.door import UPLOAD_LIMIT

MANIFESTS = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
IMAGE = (ROOT / "Containerfile").read_text("utf-8")
KNOWN = {f"YOULI_{name.upper()}" for name in Settings.model_fields} | {f"YOULI_{name.upper()}_FILE" for name in SECRETS}
COMMANDS = {command.name or command.callback.__name__ for command in cli.registered_commands if command.callback}
USER = 10001
Tree = dict[str, Any]


def documents() -> list[Tree]:
    """Every object of the manifests."""
    return [one for path in MANIFESTS for one in yaml.safe_load_all(path.read_text("utf-8"))]


def pods() -> Iterator[tuple[str, Tree]]:
    """The kind of each object that runs something, and the pod it runs."""
    for one in documents():
        spec = one.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            yield f"{one['kind']} {one['metadata']['name']}", spec["template"]["spec"]


def ours() -> dict[str, Tree]:
    """The compose services that run Youli."""
    return {name: one for name, one in COMPOSE["services"].items() if one["image"] == "youli"}


def test_the_image_is_well_made() -> None:
    linter = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([linter, ROOT / "Containerfile"], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    assert (done.returncode, done.stdout) == (0, "")
    lines = IMAGE.splitlines()
    assert f"USER {USER}:{USER}" in lines
    assert lines.index(f"USER {USER}:{USER}") > max(at for at, line in enumerate(lines) if line.startswith("RUN "))
    assert 'ENTRYPOINT ["/youli/.venv/bin/python", "/youli/main.py"]' in lines
    assert "/healthz" in IMAGE[IMAGE.index("HEALTHCHECK") :]


def test_everything_that_runs_and_nothing_secret_goes_into_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    named = {line.removeprefix("!") for line in lines if line.startswith("!")}
    git = [shutil.which("git") or "git", "ls-files"]
    tracked = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - fixed words
    rooms = {path.split("/")[0] for path in tracked if path.endswith(".py")}
    assert rooms - named == {"tests", "bench"}
    assert "*" in lines and not {"data", ".env", ".git", "secrets"} & named
    assert all((ROOT / name).exists() for name in named)


def test_the_image_asks_for_huge_pages_as_make_does() -> None:
    asked = re.search(r"^export (GLIBC_TUNABLES) \?= (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert asked
    assert f"\nENV {asked[1]}={asked[2]}\n" in IMAGE


def test_the_compose_file_is_one_and_its_youlis_can_do_no_harm() -> None:
    schema = json.loads((files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text("utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(COMPOSE)] == []
    assert set(ours()) == {"migrate", "serve", "work"}
    for name, one in ours().items():
        assert one["command"] == [name] and name in COMMANDS
        assert one["read_only"] and one["cap_drop"] == ["ALL"] and one["user"] == f"{USER}:{USER}"
        assert one["build"]["dockerfile"] == "Containerfile"
        written = {path.split(":")[0] for path in one["tmpfs"]}
        assert written == {"/tmp", "/data"}  # noqa: S108 - paths in the container
    for name in ("serve", "work"):
        assert ours()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    every = {service for one in COMPOSE["services"].values() for service in one.get("depends_on", ())}
    assert every <= set(COMPOSE["services"])


def test_the_proxies_let_photos_in_and_keep_figures_of_the_house_inside() -> None:
    nginx = (ROOT / "deploy" / "nginx" / "youli.conf").read_text("utf-8")
    caddy = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text("utf-8")
    [most] = re.findall(r"client_max_body_size (\d+)m;", nginx)
    assert int(most) * 1024 * 1024 > UPLOAD_LIMIT  # Youli says in its own words that it is too much
    assert "X-Forwarded-For $proxy_add_x_forwarded_for;" in nginx  # what the caller made up stands before the caller
    assert re.search(r"location = /metrics \{\s*return 404;", nginx) and "respond /metrics 404" in caddy
    proxy = COMPOSE["services"]["proxy"]
    assert "./deploy/caddy/Caddyfile:/etc/caddy/Caddyfile:ro" in proxy["volumes"]
    assert set(proxy["environment"]) == set(re.findall(r"\{\$([A-Z]+)", caddy))
    assert proxy["environment"]["DOORS"] in ours()


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_the_manifests_are_what_kubernetes_takes(path: Path) -> None:
    for one in yaml.safe_load_all(path.read_text("utf-8")):
        for version in ("1.31", kubernetes_validate.latest_version()):
            kubernetes_validate.validate(one, version, strict=True)


def test_nothing_runs_as_root_or_writes_where_it_should_not() -> None:
    found = dict(pods())
    assert set(found) == {
        "Job youli-migrate", "Deployment youli-serve", "Deployment youli-work", "CronJob youli-backup",
    }  # fmt: skip
    for pod in found.values():
        [container] = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == USER
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["args"][0] in COMMANDS
        assert {"memory"} <= set(container["resources"]["limits"])
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_the_doors_are_looked_at_where_they_answer_and_stop_with_grace() -> None:
    pod = dict(pods())["Deployment youli-serve"]
    [serve] = pod["containers"]
    paths = {name: serve[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    assert serve["ports"] == [{"name": "http", "containerPort": 8000}]
    from serving import GRACE

    held = 20  # seconds that what the work holds is waited for: assembly.at_work
    assert pod["terminationGracePeriodSeconds"] >= serve["lifecycle"]["preStop"]["sleep"]["seconds"] + GRACE + held
    kinds = {one["kind"]: one for one in documents()}
    labels = {"app": "youli", "part": "serve"}
    assert kinds["PodDisruptionBudget"]["spec"]["selector"] == {"matchLabels": labels}
    assert kinds["Service"]["spec"]["selector"] == labels


def test_every_setting_that_is_named_exists() -> None:
    paths = [ROOT / "Containerfile", ROOT / "compose.yaml", *MANIFESTS, ROOT / "deploy" / "kubernetes" / "README.md"]
    named = {name for path in paths for name in re.findall(r"YOULI_[A-Z_]+", path.read_text("utf-8"))}
    assert named - KNOWN == set()
    assert {"YOULI_DATABASE_URL", "YOULI_MEDIA_URL", "YOULI_SECRET_KEY"} <= named
