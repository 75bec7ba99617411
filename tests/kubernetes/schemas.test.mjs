// Every object of deploy/kubernetes fits the schema of its kind.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { deployment, nameOf, objectsIn, objectsOf, ofKind, project, renderAll } from "./render.mjs";
import { problemsOf } from "./schemas.mjs";

const rendered = renderAll();

async function assertValid(objects) {
    assert.notEqual(objects.length, 0);
    const problems = await problemsOf(objects);
    const found = objects.flatMap((object, index) =>
        problems[index].map((text) => `${nameOf(object)}: ${text}`),
    );
    assert.deepEqual(found, []);
}

test("what kustomize renders fits the schemas", async () => {
    await assertValid([...rendered.values()].flat());
});

test("the PostgreSQL cluster fits CloudNativePG's schema", async () => {
    await assertValid(objectsIn("deploy/kubernetes/postgres-cluster.yaml"));
});

test("rules of Prometheus become objects for its operator", async () => {
    const folder = mkdtempSync(join(tmpdir(), "events-rules-"));
    try {
        const sample = join(folder, "Sample_rules.yml");
        writeFileSync(
            sample,
            `---
# A comment.
groups:
  - name: sample
    rules:
      - alert: GatewayDown
        expr: |
          up{job="gateway"} == 0

        for: 1m
`,
        );
        const shipped = join(project, "deploy/prometheus/rules");
        const files = existsSync(shipped)
            ? readdirSync(shipped)
                  .filter((name) => name.endsWith(".yml"))
                  .map((name) => join(shipped, name))
            : [];
        const text = execFileSync(join(deployment, "prometheus-rules"), [sample, ...files], {
            encoding: "utf8",
        });
        const objects = objectsOf(text);
        assert.equal(objects.length, 1 + files.length);
        assert.equal(objects[0].metadata.name, "events-handler-sample-rules");
        assert.equal(objects[0].spec.groups[0].rules[0].expr, 'up{job="gateway"} == 0\n');
        await assertValid(objects);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
});

// The checks above are worth something only if mistakes are found.

const gateway = () => structuredClone(ofKind(rendered.get("kubernetes/base"), "StatefulSet")[0]);
const scaler = () => structuredClone(rendered.get("kubernetes/backlog-scaling")[0]);
const monitor = () => structuredClone(rendered.get("kubernetes/monitoring")[0]);
const cluster = () => objectsIn("deploy/kubernetes/postgres-cluster.yaml")[0];

const mistakes = {
    "a field's name": [
        gateway,
        (object) => (object.spec.template.spec.containers[0].readynessProbe = {}),
    ],
    "a field's place": [gateway, (object) => (object.spec.serviceAccountName = "gateway")],
    "a type": [
        gateway,
        (object) => (object.spec.template.spec.terminationGracePeriodSeconds = "30"),
    ],
    "a value of an enum": [gateway, (object) => (object.spec.podManagementPolicy = "Sideways")],
    "a quantity": [
        gateway,
        (object) => (object.spec.template.spec.containers[0].resources.limits.memory = "1 GB"),
    ],
    "what is missing": [gateway, (object) => delete object.spec.selector],
    "the version of a kind": [gateway, (object) => (object.apiVersion = "apps/v7")],
    "a ScaledObject's field": [scaler, (object) => (object.spec.minReplicas = 2)],
    "a ScaledObject's trigger": [scaler, (object) => delete object.spec.triggers[0].metadata],
    "a PodMonitor's field": [monitor, (object) => (object.spec.podMetricsEndpoint = [])],
    "a PodMonitor's interval": [
        monitor,
        (object) => (object.spec.podMetricsEndpoints[0].interval = "often"),
    ],
    "a Cluster's field": [cluster, (object) => (object.spec.postgresql.synchronous.metod = "any")],
    "a Cluster's value": [
        cluster,
        (object) => (object.spec.postgresql.synchronous.method = "some"),
    ],
    "a Cluster's parameter": [cluster, (object) => (object.spec.postgresql.parameters.jit = false)],
    "a Cluster's metadata": [cluster, (object) => (object.metadata.lables = {})],
};

test("mistakes are found", async () => {
    const objects = Object.values(mistakes).map(([make, spoil]) => {
        const object = make();
        spoil(object);
        return object;
    });
    const problems = await problemsOf(objects);
    const missed = Object.keys(mistakes).filter((_, index) => problems[index].length === 0);
    assert.deepEqual(missed, []);
});
