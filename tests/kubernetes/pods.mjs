// The pods that workloads make, and what the daemons say of themselves.

import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { ofKind } from "./render.mjs";

/** Where the daemons' programs are: tests/CMakeLists.txt says it. */
const programs = process.env.EVENTS_BIN_DIR;
if (!programs) throw new Error("EVENTS_BIN_DIR is not set: the folder of the built daemons");

export const workloadsOf = (objects) => ofKind(objects, "Deployment", "StatefulSet");

export const containerOf = (workload) => workload.spec.template.spec.containers[0];

/** A workload's pods as network policies see them. */
export function podOf(workload) {
    const ports = containerOf(workload).ports.map(({ name, containerPort }) => [
        name,
        containerPort,
    ]);
    return {
        namespace: workload.metadata.namespace,
        labels: workload.spec.template.metadata.labels,
        ports: Object.fromEntries(ports),
    };
}

/** A daemon's variables with their defaults, as its --help has them. */
export function variablesOf(daemon) {
    const help = execFileSync(join(programs, daemon), ["--help"], { encoding: "utf8", env: {} });
    return new Map(
        [...help.matchAll(/^ {2}([A-Z0-9_]+) \[(.*)\]$/gm)].map(([, name, value]) => [name, value]),
    );
}

/** What a daemon says of an environment: "" if it is complete, else its problems. */
export function configurationProblems(daemon, environment) {
    const run = spawnSync(join(programs, daemon), ["--check-config"], {
        encoding: "utf8",
        env: environment,
    });
    return run.status === 0 ? "" : run.stderr || `${daemon} ended with ${run.status}`;
}

/**
 * The environment of a workload's container: its variables' values, where a reference to a secret
 * is what `secret(name, key)` says.
 */
export function environmentOf(objects, workload, secret) {
    const { env = [], envFrom = [] } = containerOf(workload);
    const environment = {};
    for (const { configMapRef } of envFrom) {
        const map = ofKind(objects, "ConfigMap").find(
            ({ metadata }) => metadata.name === configMapRef.name,
        );
        if (!map) throw new Error(`no ConfigMap ${configMapRef.name}`);
        Object.assign(environment, map.data);
    }
    for (const { name, value, valueFrom } of env) {
        environment[name] =
            value ?? secret(valueFrom.secretKeyRef.name, valueFrom.secretKeyRef.key);
    }
    return environment;
}
