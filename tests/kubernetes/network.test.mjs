// The network policies let through what has to get through, and nothing else.

import assert from "node:assert/strict";
import test from "node:test";
import { selects, sidesAllow } from "./network.mjs";
import { podOf, workloadsOf } from "./pods.mjs";
import { collectors, nameOf, objectsIn, ofKind, overlays, renderAll } from "./render.mjs";

const rendered = renderAll();
const cluster = objectsIn("deploy/kubernetes/postgres-cluster.yaml")[0].metadata.name;

/** The pods of an overlay, and those of others that it has to do with. */
function podsOf(objects) {
    const own = workloadsOf(objects);
    const namespace = own[0].metadata.namespace;
    const daemons = own.map((workload) => [workload.metadata.name, podOf(workload)]);
    const elsewhere = (place, labels = {}) => ({ namespace: place, labels, ports: {} });
    return {
        ...Object.fromEntries(daemons),
        // The labels that the NATS chart (for a release "nats") and CloudNativePG give.
        nats: elsewhere(namespace, {
            "app.kubernetes.io/name": "nats",
            "app.kubernetes.io/component": "nats",
        }),
        postgres: elsewhere(namespace, { "cnpg.io/cluster": cluster }),
        operator: elsewhere("cnpg-system"),
        ingress: elsewhere("ingress-nginx"),
        prometheus: elsewhere("monitoring"),
        dns: elsewhere("kube-system", { "k8s-app": "kube-dns" }),
        stranger: elsewhere("default", { "app.kubernetes.io/name": "gateway" }),
        neighbour: elsewhere(namespace, { "app.kubernetes.io/name": "something-else" }),
    };
}

const ports = {
    gateway: [3001],
    ...Object.fromEntries(collectors.map(([name, port]) => [name, [port]])),
    reporter: [3004],
    publisher: [3005],
    nats: [4222, 6222, 8222, 7777],
    postgres: [5432, 8000, 9187],
    dns: [53],
};

/** Who may reach whom, at which ports. */
const allowed = {
    gateway: { nats: [4222], dns: [53] },
    ...Object.fromEntries(
        collectors.map(([name]) => [name, { nats: [4222], postgres: [5432], dns: [53] }]),
    ),
    reporter: { postgres: [5432], dns: [53] },
    publisher: { gateway: [3001], dns: [53] },
    nats: { nats: [6222, 8222], dns: [53] },
    postgres: { postgres: [5432, 8000], dns: [53] },
    operator: { postgres: [5432, 8000], dns: [53] },
    ingress: { gateway: [3001], reporter: [3004], dns: [53] },
    prometheus: {
        gateway: [3001],
        ...Object.fromEntries(collectors.map(([name, port]) => [name, [port]])),
        reporter: [3004],
        publisher: [3005],
        nats: [7777],
        postgres: [9187],
        dns: [53],
    },
    dns: { dns: [53] },
    stranger: { dns: [53] },
    neighbour: { dns: [53] },
};

for (const overlay of overlays) {
    const objects = rendered.get(`kubernetes/overlays/${overlay}`);
    const policies = ofKind(objects, "NetworkPolicy");
    const pods = podsOf(objects);

    test(`${overlay}: who reaches whom`, () => {
        for (const [from, source] of Object.entries(pods)) {
            for (const [to, target] of Object.entries(pods)) {
                for (const port of ports[to] ?? []) {
                    const expected = (allowed[from][to] ?? []).includes(port);
                    const { leaves, enters } = sidesAllow(policies, source, target, port);
                    const what = `${from} to ${to}:${port}`;
                    assert.equal((leaves ?? true) && (enters ?? true), expected, what);
                    // Each side by itself, so that neither leans on the other.
                    assert.equal(leaves ?? expected, expected, `${what}, leaving`);
                    assert.equal(enters ?? expected, expected, `${what}, entering`);
                }
            }
        }
    });

    test(`${overlay}: names are asked for by UDP, too`, () => {
        for (const workload of workloadsOf(objects)) {
            const { leaves } = sidesAllow(policies, podOf(workload), pods.dns, 53, "UDP");
            assert.equal(leaves, true, nameOf(workload));
        }
    });

    test(`${overlay}: each policy is for some pod`, () => {
        for (const policy of policies) {
            const found = Object.values(pods).filter(
                (pod) =>
                    pod.namespace === policy.metadata.namespace &&
                    selects(policy.spec.podSelector, pod),
            );
            assert.notEqual(found.length, 0, nameOf(policy));
        }
    });
}
