// Renders deploy/kubernetes as an operator does, with "kubectl kustomize" (another one: KUBECTL).

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";

export const project = fileURLToPath(new URL("../..", import.meta.url));
export const deployment = join(project, "deploy/kubernetes");

export const readText = (path) => readFileSync(join(project, path), "utf8");

/** The objects of a YAML text; throws at what is no YAML, and at keys that stand twice. */
export function objectsOf(text) {
    const documents = parseAllDocuments(text);
    for (const { errors } of documents) {
        if (errors.length > 0) throw errors[0];
    }
    return documents.map((document) => document.toJS()).filter((object) => object !== null);
}

export const objectsIn = (path) => objectsOf(readText(path));

/** The collectors, as services have them: [name, port] of each. */
export const collectors = readdirSync(join(project, "services")).flatMap((folder) => {
    const text = readText(`services/${folder}/CMakeLists.txt`);
    return [...text.matchAll(/^events_collector\((\S+) \S+ (\d+)\)$/gm)].map(
        ([, name, port]) => [name, Number(port)],
    );
});

/** The overlays' names, and what else is a kustomization of its own. */
export const overlays = readdirSync(join(deployment, "overlays"));
export const folders = [
    "kubernetes/base",
    "kubernetes/publisher",
    "kubernetes/backlog-scaling",
    "kubernetes/monitoring",
    "grafana",
    ...overlays.map((name) => `kubernetes/overlays/${name}`),
];

/** The files that a kustomization's secretGenerators take, which git ignores. */
function secretFiles(folder) {
    const kustomization = parse(readFileSync(join(folder, "kustomization.yaml"), "utf8"));
    return (kustomization.secretGenerator ?? []).flatMap((generator) => generator.files);
}

/** All kustomizations of deploy/, rendered: a map from the folder's name to its objects. */
export function renderAll() {
    const copy = mkdtempSync(join(tmpdir(), "events-kubernetes-"));
    try {
        for (const name of ["kubernetes", "grafana"]) {
            cpSync(join(project, "deploy", name), join(copy, name), { recursive: true });
        }
        const secrets = join(copy, "kubernetes/overlays/staging/secrets");
        for (const file of secretFiles(secrets)) writeFileSync(join(secrets, file), "a-secret");

        const render = (folder) =>
            execFileSync(process.env.KUBECTL ?? "kubectl", ["kustomize", join(copy, folder)], {
                encoding: "utf8",
                stdio: ["ignore", "pipe", "pipe"],
                env: { ...process.env, KUBECONFIG: join(copy, "none") },
            });
        return new Map(folders.map((folder) => [folder, objectsOf(render(folder))]));
    } finally {
        rmSync(copy, { recursive: true, force: true });
    }
}

export const nameOf = (object) => `${object.kind} ${object.metadata?.name}`;

export const ofKind = (objects, ...kinds) => objects.filter(({ kind }) => kinds.includes(kind));
