// What runs in the pods: the daemons agree with their environment, probes, mounts and end.

import assert from "node:assert/strict";
import test from "node:test";
import {
    configurationProblems,
    containerOf,
    environmentOf,
    variablesOf,
    workloadsOf,
} from "./pods.mjs";
import { ofKind, overlays, readText, renderAll } from "./render.mjs";

const rendered = renderAll();

/** Variables of libpq, which daemons with a database take beside their own (docs/security.md). */
const libpq = new Set(["PGSSLMODE", "PGSSLROOTCERT"]);

/** The secrets of docs/kubernetes.md: "name/key" to the variable and the remark. */
const documented = new Map(
    [
        ...readText("docs/kubernetes.md").matchAll(
            /^\| `([\w-]+)` \| `([\w.-]+)` \| (?:`(\w+)`)? *\| (.*) \|$/gm,
        ),
    ].map(([, name, key, variable, remark]) => [`${name}/${key}`, { variable, remark }]),
);

/** What stands for a secret's value. */
const samples = {
    NATS_URL: "nats://events:p1@nats:4222",
    DATABASE_URL: "postgresql://events:p1@events-postgres-rw.events:5432/events",
};
const secretValue = (name, key) => {
    const variable = documented.get(`${name}/${key}`)?.variable;
    return samples[variable] ?? "0d1e2f3a4b5c6d7e8f90a1b2";
};

const uid = Number(/--uid (\d+)/.exec(readText("Dockerfile"))[1]);
const routes = [...readText("libs/common/http/operations.cpp").matchAll(/\.path = "([^"]+)"/g)].map(
    ([, path]) => path,
);

const bytes = (quantity) => {
    const [, number, unit] = /^(\d+)(Mi|Gi)$/.exec(quantity);
    return Number(number) * { Mi: 2 ** 20, Gi: 2 ** 30 }[unit];
};

const isIn = (path, folder) => path === folder || path.startsWith(`${folder}/`);

for (const overlay of overlays) {
    const objects = rendered.get(`kubernetes/overlays/${overlay}`);

    for (const workload of workloadsOf(objects)) {
        const daemon = workload.metadata.name;
        const pod = workload.spec.template.spec;
        const container = containerOf(workload);
        const title = (text) => `${overlay}: ${daemon} ${text}`;
        const variables = variablesOf(daemon);
        const environment = environmentOf(objects, workload, secretValue);
        const valueOf = (name) => environment[name] ?? variables.get(name);

        test(title("takes its environment"), () => {
            const unknown = Object.keys(environment).filter(
                (name) =>
                    !variables.has(name) && !(libpq.has(name) && variables.has("DATABASE_URL")),
            );
            assert.deepEqual(unknown, []);
            assert.equal(configurationProblems(daemon, environment), "");
        });

        test(title("is probed where it answers"), () => {
            assert.deepEqual(
                container.ports.map(({ name, containerPort }) => [name, String(containerPort)]),
                [["http", valueOf("PORT")]],
            );
            const paths = {
                startupProbe: "/liveness",
                livenessProbe: "/liveness",
                readinessProbe: "/readiness",
            };
            for (const [probe, path] of Object.entries(paths)) {
                assert.deepEqual(container[probe].httpGet, { path, port: "http" }, probe);
                assert.ok(routes.includes(path), path);
            }
        });

        test(title("has the time to end"), () => {
            const command = container.lifecycle?.preStop.exec.command ?? ["/bin/sleep", "0"];
            assert.equal(command[0], "/bin/sleep");
            const ends = Number(command[1]) * 1000 + Number(valueOf("SHUTDOWN_GRACE_MS"));
            assert.ok(pod.terminationGracePeriodSeconds * 1000 > ends);
            // Where a Service sends requests, they still come for a moment.
            const served = ofKind(objects, "Service").some(
                ({ spec }) => spec.selector["app.kubernetes.io/name"] === daemon,
            );
            assert.equal(Number(command[1]) > 0, served);
        });

        test(title("has no more rights than it needs"), () => {
            assert.equal(pod.containers.length, 1);
            assert.equal(pod.securityContext.runAsNonRoot, true);
            assert.equal(pod.securityContext.runAsUser, uid);
            assert.equal(pod.securityContext.seccompProfile.type, "RuntimeDefault");
            assert.deepEqual(container.securityContext, {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
            });
            assert.equal(pod.automountServiceAccountToken, false);
            assert.equal(pod.enableServiceLinks, false);
            const account = ofKind(objects, "ServiceAccount").find(
                ({ metadata }) => metadata.name === daemon,
            );
            assert.equal(pod.serviceAccountName, daemon);
            assert.equal(account?.automountServiceAccountToken, false);
        });

        test(title("says what it needs, and its image"), () => {
            assert.match(container.image, new RegExp(`^(.*/)?${daemon}:[^/:]+$`));
            assert.doesNotMatch(container.image, /:latest$/);
            const { requests, limits } = container.resources;
            assert.ok(bytes(limits.memory) > bytes(requests.memory));
            assert.match(requests.cpu, /^\d+m$/);
            assert.equal(limits.cpu, undefined);
        });

        test(title("uses secrets that are documented"), () => {
            const references = (container.env ?? []).filter(({ valueFrom }) => valueFrom);
            for (const { name, valueFrom } of references) {
                const { secretKeyRef: reference } = valueFrom;
                const entry = documented.get(`${reference.name}/${reference.key}`);
                assert.equal(entry?.variable, name, `${reference.name}/${reference.key}`);
                assert.equal(
                    reference.optional ?? false,
                    entry.remark.startsWith("optional"),
                    name,
                );
            }
            for (const { secret } of (pod.volumes ?? []).filter((volume) => volume.secret)) {
                for (const { key } of secret.items) {
                    assert.ok(
                        documented.has(`${secret.secretName}/${key}`),
                        `${secret.secretName}/${key}`,
                    );
                }
            }
        });

        test(title("finds the files that it names"), () => {
            const volumes = [
                ...(pod.volumes ?? []).map(({ name }) => name),
                ...(workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name),
            ];
            const mounts = container.volumeMounts ?? [];
            assert.deepEqual(mounts.map(({ name }) => name).sort(), volumes.sort());
            for (const name of ["PGSSLROOTCERT", "SPOOL_DIR", "CACHE_DIR"].filter(
                (name) => name in environment,
            )) {
                assert.ok(
                    mounts.some(({ mountPath }) => isIn(environment[name], mountPath)),
                    name,
                );
            }
        });
    }

    test(`${overlay}: a gateway stays in its Service while it spools, until its spool is full`, () => {
        const gateway = ofKind(objects, "StatefulSet").find(
            ({ metadata }) => metadata.name === "gateway",
        );
        const { spec } = gateway.spec.volumeClaimTemplates[0];
        const environment = environmentOf(objects, gateway, secretValue);
        assert.equal(environment.READY_WHILE_SPOOLING, "true");
        // The spool is full before its volume is.
        assert.ok(
            bytes(spec.resources.requests.storage) > Number(environment.SPOOL_MAX_BYTES) * 1.1,
        );
        assert.equal(gateway.spec.template.spec.securityContext.fsGroup, uid);
    });
}

test("each documented secret is used by somebody", () => {
    const text = [...rendered.values()].flat().map((object) => JSON.stringify(object));
    const server = readText("deploy/kubernetes/nats-values.yaml");
    for (const [secret, { variable }] of documented) {
        const [name, key] = secret.split("/");
        const used = variable
            ? text.some(
                  (object) =>
                      object.includes(`"name":"${name}"`) ||
                      object.includes(`"secretName":"${name}"`),
              )
            : server.includes(`name: ${name}\n          key: ${key}\n`);
        assert.ok(used, secret);
    }
});
