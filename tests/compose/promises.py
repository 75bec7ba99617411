"""What holds for every container, in development and in production."""

import json

import collectors
from suite import require, run, say

OURS = ["publisher", "gateway", *collectors.NAMES, "reporter"]
LARGEST_IMAGE = 120_000_000  # bytes


def check_images():
    for name in OURS:
        image = json.loads(run("docker", "image", "inspect", f"events-handler/{name}").stdout)[0]
        say(f"image {name}: {image['Size'] / 1e6:.1f} MB")
        require(image["Size"] < LARGEST_IMAGE, name, "has an image of", image["Size"], "bytes")
        test = image["Config"]["Healthcheck"]["Test"]
        binary = "collector" if name in collectors.NAMES else name
        require(test[0] == "CMD" and test[1] == f"/usr/bin/{binary}", name, "needs a shell:", test)
        require(image["Config"]["User"] not in ("", "root", "0"), name, "is root")


def check_containers(containers):
    for container in containers:
        name, host = container["Name"], container["HostConfig"]
        require(host["ReadonlyRootfs"], name, "can write its root file system")
        require(host["CapDrop"] == ["ALL"] and not host["CapAdd"], name, "has capabilities")
        require("no-new-privileges:true" in host["SecurityOpt"], name, "may gain privileges")
        require(not host["Privileged"], name, "is privileged")
        require(host["LogConfig"]["Config"].get("max-size"), name, "keeps its log for ever")
        require(host["RestartPolicy"]["Name"] == "unless-stopped", name, "is not restarted")
        health = container["State"].get("Health")
        require(health and health["Status"] == "healthy", name, "is not healthy")
        # Not CMD-SHELL, which needs one.
        require(container["Config"]["Healthcheck"]["Test"][0] == "CMD", name, "needs a shell")
        require(container["RestartCount"] == 0, name, "was restarted", container["RestartCount"])


def check_ports(containers, published):
    """Only these services can be reached from outside of the containers' network."""
    for container in containers:
        service = container["Config"]["Labels"]["com.docker.compose.service"]
        ports = {port for port, where in container["NetworkSettings"]["Ports"].items() if where}
        require(ports == published.get(service, set()), service, "publishes", ports)
