// The objects find each other, and agree with what else the project says.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { parse } from "yaml";
import { selects } from "./network.mjs";
import { podOf, variablesOf, workloadsOf } from "./pods.mjs";
import {
    collectors,
    nameOf,
    objectsIn,
    ofKind,
    overlays,
    project,
    readText,
    renderAll,
} from "./render.mjs";

const rendered = renderAll();
const values = parse(readText("deploy/kubernetes/nats-values.yaml"));
const cluster = objectsIn("deploy/kubernetes/postgres-cluster.yaml")[0];

const collectorNames = collectors.map(([name]) => name);

const GiB = 2 ** 30;
const gibibytes = (quantity) => Number(/^(\d+)Gi$/.exec(quantity)[1]) * GiB;

for (const overlay of overlays) {
    const objects = rendered.get(`kubernetes/overlays/${overlay}`);
    const workloads = workloadsOf(objects);
    const pods = workloads.map(podOf);
    const chosen = (selector) => pods.filter((pod) => selects(selector, pod));
    const daemon = (name) => workloads.find(({ metadata }) => metadata.name === name);

    test(`${overlay}: everything is in the namespace that it makes`, () => {
        const [namespace, ...more] = ofKind(objects, "Namespace");
        assert.equal(more.length, 0);
        // kustomize renames it; by hand the file is applied as it is.
        const file = objectsIn(`deploy/kubernetes/overlays/${overlay}/namespace.yaml`)[0];
        assert.equal(file.metadata.name, namespace.metadata.name);
        for (const object of objects) {
            if (object === namespace) continue;
            assert.equal(object.metadata.namespace, namespace.metadata.name, nameOf(object));
        }
    });

    test(`${overlay}: Services lead to pods`, () => {
        const services = ofKind(objects, "Service");
        assert.deepEqual(services.map(({ metadata }) => metadata.name).sort(), [
            "gateway",
            "gateway-pods",
            "reporter",
        ]);
        for (const service of services) {
            const [pod, ...more] = chosen({ matchLabels: service.spec.selector });
            assert.equal(more.length, 0, nameOf(service));
            for (const { port, targetPort } of service.spec.ports) {
                assert.equal(pod.ports[targetPort], port, nameOf(service));
            }
        }
        assert.equal(daemon("gateway").spec.serviceName, "gateway-pods");
    });

    test(`${overlay}: workloads select their own pods`, () => {
        for (const workload of workloads) {
            assert.deepEqual(chosen(workload.spec.selector), [podOf(workload)], nameOf(workload));
            for (const spread of workload.spec.template.spec.topologySpreadConstraints ?? []) {
                assert.deepEqual(chosen(spread.labelSelector), [podOf(workload)], nameOf(workload));
            }
        }
    });

    test(`${overlay}: each daemon of the suite has a disruption budget that lets nodes be drained`, () => {
        const budgets = ofKind(objects, "PodDisruptionBudget");
        const held = budgets.flatMap(({ spec }) => {
            assert.equal(spec.maxUnavailable, 1);
            return chosen(spec.selector).map(({ labels }) => labels["app.kubernetes.io/name"]);
        });
        assert.deepEqual(held.sort(), [...collectorNames, "gateway", "reporter"].sort());
    });

    test(`${overlay}: scalers scale what is there, and nothing else sets its replicas`, () => {
        const scalers = ofKind(objects, "HorizontalPodAutoscaler", "ScaledObject");
        const targets = scalers.map(({ spec }) => spec.scaleTargetRef.name).sort();
        const collectors = overlay === "production" ? collectorNames : [];
        assert.deepEqual(targets, [...collectors, "gateway"].sort());
        for (const { spec } of scalers) {
            const { apiVersion, kind, name } = spec.scaleTargetRef;
            const target = daemon(name);
            assert.deepEqual([target.apiVersion, target.kind], [apiVersion, kind], name);
            assert.equal(target.spec.replicas, undefined, name);
        }
    });

    test(`${overlay}: a gateway is taken away by nobody but an operator`, () => {
        const [scaler] = ofKind(objects, "HorizontalPodAutoscaler");
        assert.equal(scaler.spec.behavior.scaleDown.selectPolicy, "Disabled");
        assert.equal(daemon("gateway").spec.persistentVolumeClaimRetentionPolicy, undefined);
    });

    test(`${overlay}: the backlog that is asked for is the target's`, () => {
        for (const { metadata, spec } of ofKind(objects, "ScaledObject")) {
            const [{ type, metadata: trigger }, ...more] = spec.triggers;
            assert.deepEqual([type, more.length], ["prometheus", 0]);
            const labels = `namespace="${metadata.namespace}", job="${spec.scaleTargetRef.name}"`;
            assert.equal(trigger.query, `max(consumer_pending_messages{${labels}})`);
            assert.match(trigger.threshold, /^[1-9]\d*$/);
            assert.ok(spec.minReplicaCount <= spec.fallback.replicas);
            assert.ok(spec.fallback.replicas <= spec.maxReplicaCount);
        }
        assert.ok(
            readText("libs/common/collector/backlog_monitor.cpp").includes(
                '"consumer_pending_messages"',
            ),
        );
    });

    test(`${overlay}: Prometheus reads every daemon, under its name`, () => {
        const [monitor] = ofKind(objects, "PodMonitor").filter(
            ({ metadata }) => metadata.name === "events-handler",
        );
        assert.equal(chosen(monitor.spec.selector).length, workloads.length);
        for (const pod of pods) {
            assert.ok(monitor.spec.podMetricsEndpoints[0].port in pod.ports);
            assert.ok(pod.labels[monitor.spec.jobLabel]);
        }
    });

    test(`${overlay}: NATS has room for the streams, on as many servers as they have copies`, () => {
        const [streams] = ofKind(objects, "ConfigMap").filter(({ metadata }) =>
            metadata.name.startsWith("events-streams"),
        );
        const { STREAM_REPLICAS, STREAM_MAX_BYTES, DEAD_LETTER_MAX_BYTES } = streams.data;
        const { cluster: servers, jetstream } = values.config;
        assert.equal(servers.replicas, Number(STREAM_REPLICAS));
        const needed =
            collectors.length * Number(STREAM_MAX_BYTES) + Number(DEAD_LETTER_MAX_BYTES);
        assert.ok(gibibytes(jetstream.fileStore.maxSize) >= needed);
        assert.ok(gibibytes(jetstream.fileStore.pvc.size) > gibibytes(jetstream.fileStore.maxSize));
    });

    test(`${overlay}: an Ingress leads to Services, and to no path that is for machines`, () => {
        const services = ofKind(objects, "Service");
        for (const ingress of ofKind(objects, "Ingress")) {
            for (const { path, pathType, backend } of ingress.spec.rules.flatMap(
                ({ http }) => http.paths,
            )) {
                const service = services.find(
                    ({ metadata }) => metadata.name === backend.service.name,
                );
                assert.ok(
                    service.spec.ports.some(({ name }) => name === backend.service.port.name),
                    path,
                );
                for (const inside of ["/metrics", "/liveness", "/readiness"]) {
                    assert.ok(
                        pathType === "Prefix" ? !inside.startsWith(path) : inside !== path,
                        path,
                    );
                }
            }
        }
    });
}

test("staging's Ingress lets in what the gateway and the reporter's page take", () => {
    const [gateway, reporter] = ofKind(rendered.get("kubernetes/overlays/staging"), "Ingress");
    const annotation = (name) =>
        gateway.metadata.annotations[`nginx.ingress.kubernetes.io/${name}`];
    const mebibytes = Number(variablesOf("gateway").get("MAX_BODY_BYTES")) / 2 ** 20;
    assert.equal(annotation("proxy-body-size"), `${mebibytes}m`);

    const paths = reporter.spec.rules[0].http.paths;
    const files = ["services/reporter/web", "libs/common/viewer/web"]
        .flatMap((web) => readdirSync(join(project, web), { recursive: true }))
        .filter((name) => /\.(html|css|js|json|svg)$/.test(name));
    const pages = files.map((name) => `/${name.replace(/\.html$/, "").replace(/^index$/, "")}`);
    assert.ok(pages.includes("/"));
    for (const page of [...pages, "/reports/events"]) {
        assert.ok(
            paths.some(({ path, pathType }) =>
                pathType === "Exact" ? path === page : page.startsWith(`${path}/`),
            ),
            page,
        );
    }
});

test("NATS is asked for the user that it knows", () => {
    const secretsOf = (env) =>
        Object.entries(env)
            .filter(([, { valueFrom }]) => valueFrom)
            .map(([name, { valueFrom }]) => [name, valueFrom.secretKeyRef]);
    const environment = Object.fromEntries(secretsOf(values.container.env));
    const [{ user, password }] = values.config.merge.authorization.users;
    assert.deepEqual(environment[/\$(\w+)/.exec(user)[1]], {
        name: "events-nats",
        key: "username",
    });
    assert.deepEqual(environment[/\$(\w+)/.exec(password)[1]], {
        name: "events-nats",
        key: "password",
    });
});

test("NATS is the same in Compose and in Kubernetes", () => {
    const { nats } = parse(readText("docker-compose.yml"), { merge: true }).services;
    assert.equal(nats.image, `nats:${values.container.image.tag}`);
    const shipped = readText("deploy/nats/nats-server.conf");
    assert.ok(shipped.includes(`sync_interval: ${values.config.jetstream.merge.sync_interval}`));
    assert.ok(
        shipped.includes(`max_payload: ${/<< (\w+) >>/.exec(values.config.merge.max_payload)[1]}`),
    );
});

test("PostgreSQL has the settings of deploy/postgres", () => {
    const shipped = new Map(
        [...readText("deploy/postgres/postgresql.conf").matchAll(/^(\w+) = '?([^'\n]*)'?$/gm)].map(
            ([, name, value]) => [name, value],
        ),
    );
    // The operator's own: where the server listens and how it logs.
    shipped.delete("listen_addresses");
    shipped.delete("log_line_prefix");
    assert.deepEqual(
        Object.entries(cluster.spec.postgresql.parameters).sort(),
        [...shipped].sort(),
    );
    assert.equal(cluster.spec.imageCatalogRef.major, 15);
    assert.ok(cluster.spec.postgresql.synchronous.number < cluster.spec.instances);
});

test("each dashboard is in a ConfigMap for Grafana", () => {
    const maps = rendered.get("grafana");
    const files = readdirSync(join(project, "deploy/grafana/dashboards"));
    assert.deepEqual(maps.flatMap(({ data }) => Object.keys(data)).sort(), files.sort());
    for (const { metadata, data } of maps) {
        const [name, ...more] = Object.keys(data);
        assert.equal(more.length, 0);
        assert.equal(metadata.name, `events-dashboard-${name.replace(/\.json$/, "")}`);
        assert.equal(metadata.labels.grafana_dashboard, "1");
    }
});

test("what a kustomization has to leave out is left out", () => {
    // kubectl 1.20's kustomize does not know these, and current ones know what stands instead.
    for (const folder of rendered.keys()) {
        const file = join(project, "deploy", folder, "kustomization.yaml");
        assert.ok(existsSync(file), file);
        const fields = Object.keys(parse(readText(`deploy/${folder}/kustomization.yaml`)));
        assert.deepEqual(
            fields.filter((name) =>
                ["components", "labels", "replacements", "patches", "replicas"].includes(name),
            ),
            [],
            folder,
        );
    }
});
