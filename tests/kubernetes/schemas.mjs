// Checks objects against the schemas of Kubernetes and of the operators, as npm packages have them.
//
// Two ways, since neither sees all: TypeScript's compiler refuses fields that the schema does not
// have (an object literal with an excess property), wrong types and unknown values of enums; the
// packages' validators check formats, bounds and patterns. CloudNativePG's package has types only.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));

const packages = [
    ["keda.sh/", "@kubernetes-models/keda"],
    ["monitoring.coreos.com/", "@kubernetes-models/prometheus-operator"],
];

/** The module with the schema of an object's kind: the interface I<kind> and a validator. */
function moduleOf({ apiVersion, kind }) {
    const owner = packages.find(([group]) => apiVersion.startsWith(group));
    return `${owner ? owner[1] : "kubernetes-models"}/${apiVersion}/${kind}`;
}

const isCloudNativePg = ({ apiVersion }) => apiVersion.startsWith("postgresql.cnpg.io/");

/** A TypeScript source that is well-typed if and only if the object fits its kind's schema. */
function sourceOf(object) {
    const literal = JSON.stringify(object, null, 2);
    if (!isCloudNativePg(object)) {
        return `import type { I${object.kind} } from "${moduleOf(object)}";
export const object: I${object.kind} = ${literal};`;
    }
    // These types are made for programs: enums and quantities are no strings there.
    return `import type { ${object.kind}Spec } from "@cdk8s-kit/crds/pg";
import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
type Plain<T> =
    T extends undefined ? undefined :
    T extends string ? \`\${T}\` :
    T extends number | boolean ? T :
    keyof T extends "value" ? string | number :
    T extends readonly (infer Item)[] ? Plain<Item>[] :
    { [Key in keyof T]: Plain<T[Key]> };
export const object: {
    apiVersion: "postgresql.cnpg.io/v1";
    kind: "${object.kind}";
    metadata: IConfigMap["metadata"];
    spec: Plain<${object.kind}Spec>;
} = ${literal};`;
}

const options = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
};

/** What the compiler says of each object: a list of lists of messages. */
function typeErrors(objects) {
    const sources = new Map(
        objects.map((object, index) => [join(here, `object-${index}.ts`), sourceOf(object)]),
    );
    const host = ts.createCompilerHost(options);
    const { fileExists, readFile, getSourceFile } = host;
    host.fileExists = (path) => sources.has(path) || fileExists(path);
    host.readFile = (path) => sources.get(path) ?? readFile(path);
    host.getSourceFile = (path, ...rest) =>
        sources.has(path)
            ? ts.createSourceFile(path, sources.get(path), options.target)
            : getSourceFile(path, ...rest);
    const program = ts.createProgram([...sources.keys()], options, host);
    return [...sources.keys()].map((path) =>
        ts
            .getPreEmitDiagnostics(program, program.getSourceFile(path))
            .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")),
    );
}

/** What the package's validator says of an object. */
async function validatorErrors(object) {
    if (isCloudNativePg(object)) return [];
    try {
        const models = await import(moduleOf(object)); // none: no such kind
        new models[object.kind](object).validate();
        return [];
    } catch (error) {
        return [error.message];
    }
}

/** The problems of each object: a list of lists of messages, all empty if they are valid. */
export async function problemsOf(objects) {
    const byCompiler = typeErrors(objects);
    return Promise.all(
        objects.map(async (object, index) => [
            ...byCompiler[index],
            ...(await validatorErrors(object)),
        ]),
    );
}
