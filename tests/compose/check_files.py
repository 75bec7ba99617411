#!/usr/bin/python3
"""What the Compose files promise, read from the files themselves; no engine is needed.

./scripts/test --compose starts them; this finds sooner what somebody forgot in one of them.
"""

import pathlib
import subprocess
import sys
import tempfile

import yaml

import collectors

PROJECT = pathlib.Path(__file__).resolve().parents[2]
OVERLAYS = ["staging", "production"]
# Who is reached from outside in staging and production: the rest has no port there.
PUBLISHED = {"haproxy", "grafana"}


class Tagged:
    """A value that Compose does not merge with the base file's: !reset or !override."""

    def __init__(self, tag, value):
        self.tag, self.value = tag, value

    def __eq__(self, other):
        return isinstance(other, Tagged) and (self.tag, self.value) == (other.tag, other.value)


class Loader(yaml.SafeLoader):
    pass


def construct_tagged(loader, tag, node):
    if isinstance(node, yaml.MappingNode):
        return Tagged(tag, loader.construct_mapping(node, deep=True))
    return Tagged(tag, loader.construct_sequence(node, deep=True))


Loader.add_multi_constructor("!", construct_tagged)

problems = []


def check(condition, *what):
    if not condition:
        problems.append(" ".join(map(str, what)))


def load(name):
    with open(PROJECT / name, encoding="utf-8") as file:
        content = yaml.load(file, Loader)
    empty = [service for service, body in content["services"].items() if not body]
    if empty:
        sys.exit(f"{name}: there is nothing in {', '.join(empty)}")
    return content


def untagged(value):
    return value.value if isinstance(value, Tagged) else value


def check_hardened(where, service):
    check(service.get("read_only") is True, where, "can write its root file system")
    check(service.get("cap_drop") == ["ALL"], where, "keeps capabilities")
    check("cap_add" not in service and "privileged" not in service, where, "has capabilities")
    check("no-new-privileges:true" in service.get("security_opt", []), where, "may gain privileges")


def check_every_service(where, services, known):
    """What holds in each file: `known` are the services and health checks of all that are merged."""
    for name, service in services.items():
        here = f"{where}: {name}"
        check(service.get("restart") == "unless-stopped", here, "is not restarted")
        check({"max-size", "max-file"} <= set(service.get("logging", {}).get("options", {})), here,
              "keeps its log for ever")
        for other, how in (untagged(service.get("depends_on")) or {}).items():
            check(how == {"condition": "service_healthy"}, here, "does not wait for a healthy", other)
            check(other in known, here, "waits for", other, "whose health nobody asks for")
        if "healthcheck" in service:
            check(service["healthcheck"]["test"][0] == "CMD", here, "needs a shell to be healthy")


def has_health(services, dockerfile):
    """Who says whether it is healthy: by the file, or by its image, which is built here."""
    targets = {line.split(" AS ")[1] for line in dockerfile if line.startswith("FROM runtime AS ")}
    health = [line for line in dockerfile if line.startswith("HEALTHCHECK ")]
    check(len(health) == len(targets), "Dockerfile: an image has no health check")
    for line in health:
        check(' CMD ["/usr/bin/' in line, "Dockerfile: a health check needs a shell:", line)
    return {name for name, service in services.items()
            if "healthcheck" in service or service.get("build", {}).get("target") in targets}


def check_collectors(services):
    """Each source's collector has a service, with its own name, image and port."""
    for name, _, port in collectors.COLLECTORS:
        service = services.get(name, {})
        here = f"docker-compose.yml: {name}"
        build = service.get("build", {})
        check(service.get("image") == f"events-handler/{name}", here, "has no image of its own")
        check(build.get("target") == "collector", here, "is not built as a collector")
        check(build.get("args", {}).get("COLLECTOR") == name, here, "is another one's image")
        variable = name.replace("-", "_").upper() + "_PORT"
        check(service.get("ports") == [f"${{{variable}:-{port}}}:{port}"], here, "has no port", port)


def check_overlay(where, overlay, base, health):
    services = overlay["services"]
    check(set(services) == set(base["services"]) | {"haproxy"}, where, "does not have each service")
    check_every_service(where, services, health | {"haproxy"})
    check_hardened(f"{where}: haproxy", services["haproxy"])
    declared = set(overlay["secrets"])
    for name, service in services.items():
        here = f"{where}: {name}"
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        check(set(limits) == {"memory", "cpus", "pids"}, here, "has no limits")
        check(service.get("read_only", True) and "cap_add" not in service and
              "privileged" not in service, here, "undoes what docker-compose.yml forbids")
        if "ports" in base["services"].get(name, {}) and name not in PUBLISHED:
            check(service.get("ports") == Tagged("reset", []), here, "publishes a port")
        environment = service.get("environment", {})
        mounted = {secret if isinstance(secret, str) else secret["source"]
                   for secret in service.get("secrets", [])}
        check(mounted <= declared, here, "has a secret that is not declared")
        for variable, value in environment.items():
            value = str(value)
            if "/run/secrets/" in value:
                check(value.rstrip("}").split("/run/secrets/")[1] in mounted, here, "lacks", value)
            if variable.endswith("_FILE"):
                plain = variable.removesuffix("_FILE").removesuffix("_")
                check(environment.get(plain) == "", here, "does not empty", plain)
    return declared


def check_secrets(declared):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder) / "secrets"
        make = [PROJECT / "deploy/compose/make-secrets", folder]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
        made = {file.name: file.read_text() for file in folder.iterdir()}
        check(declared <= set(made), "make-secrets does not make", declared - set(made))
        check(folder.stat().st_mode & 0o777 == 0o700, "others can enter the folder of the secrets")
        check(made["postgres_password"].strip() in made["database_url"], "two database passwords")
        check(made["nats_password"].strip() in made["nats_url"], "two passwords of NATS")
        check(made["nats_password"].strip() in made["nats_authorization"], "two passwords of NATS")
        check(made["event_api_key"] == made["api_keys"], "the publisher has another key")
        (folder / "nats_url").unlink()
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
        again = {file.name: file.read_text() for file in folder.iterdir()}
        check(again == made, "make-secrets changes what is there")


def shape(overlay):
    """Without the numbers in which staging and production differ."""
    services = {}
    for name, service in overlay["services"].items():
        services[name] = {key: value for key, value in service.items()
                          if key not in ("deploy", "logging")}
        services[name]["deploy"] = sorted(service["deploy"])
    return services, overlay["secrets"]


def main():
    base = load("docker-compose.yml")
    dockerfile = (PROJECT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    health = has_health(base["services"], dockerfile)
    check_every_service("docker-compose.yml", base["services"], health)
    check_collectors(base["services"])
    for name, service in base["services"].items():
        check_hardened(f"docker-compose.yml: {name}", service)
    overlays = {name: load(f"deploy/compose/{name}.yml") for name in OVERLAYS}
    for name, overlay in overlays.items():
        check_secrets(check_overlay(name, overlay, base, health))
    check(shape(overlays["staging"]) == shape(overlays["production"]),
          "staging.yml and production.yml differ in more than numbers")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
