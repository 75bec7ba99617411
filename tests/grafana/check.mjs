// Compiles the dashboards against Grafana's own types, of the version that docker-compose.yml runs:
// an option that Grafana does not have, or a value that it does not know, is an error.
//
//   node check.mjs FILE.json...     0: all of them are as the types describe
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const folder = dirname(fileURLToPath(import.meta.url));
const raw = "@grafana/schema/dist/esm/raw";
const panels = {
  stat: { options: "Stat.Options" },
  timeseries: { options: "TimeSeries.Options", custom: "TimeSeries.FieldConfig" },
  bargauge: { options: "BarGauge.Options" },
  table: { options: "Table.Options", custom: "TableFieldOptions" },
};

// The types have enums where a file has their texts.
const lines = [
  `import type * as Dashboards from "${raw}/dashboard/x/dashboard_types.gen";`,
  `import type * as Stat from "${raw}/composable/stat/panelcfg/x/StatPanelCfg_types.gen";`,
  `import type * as TimeSeries from "${raw}/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";`,
  `import type * as BarGauge from "${raw}/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";`,
  `import type * as Table from "${raw}/composable/table/panelcfg/x/TablePanelCfg_types.gen";`,
  `import type { TableFieldOptions } from "@grafana/schema";`,
  "type Texts<T> = T extends string ? `${T}` : T extends (infer U)[] ? Texts<U>[]",
  "  : T extends object ? { [K in keyof T]: Texts<T[K]> } : T;",
  // What a file may leave out has a default, and some of it is required by the types all the same.
  "type Some<T> = Partial<Texts<T>>;",
];
const places = []; // of the lines, for the messages

function constant(place, type, value) {
  places[lines.length] = place;
  lines.push(`export const _${lines.length}: ${type} = ${JSON.stringify(value)};`);
}

for (const file of process.argv.slice(2)) {
  const { panels: contents, ...dashboard } = JSON.parse(readFileSync(file, "utf8"));
  constant(file, "Texts<Omit<Dashboards.Dashboard, 'panels'>>", dashboard);
  for (const content of contents) {
    const place = `${file}: ${content.title}`;
    if (content.type === "row") {
      constant(place, "Texts<Dashboards.RowPanel>", content);
      continue;
    }
    const { options, targets, ...panel } = content;
    const { custom, ...defaults } = panel.fieldConfig.defaults;
    // The first threshold has no bound, which is null in a file and a number in the types.
    const [first, ...others] = defaults.thresholds.steps;
    const steps = [{ ...first, value: first.value ?? Number.MIN_SAFE_INTEGER }, ...others];
    defaults.thresholds = { ...defaults.thresholds, steps };
    panel.fieldConfig = { ...panel.fieldConfig, defaults };
    constant(place, "Some<Omit<Dashboards.Panel, 'options' | 'targets'>>", panel);
    const types = panels[panel.type] ?? { options: "never" };
    constant(place, `Some<${types.options}>`, options);
    if (custom) constant(place, `Some<${types.custom ?? "never"}>`, custom);
  }
}

const source = join(folder, "dashboards.ts"); // there is no such file: it is compiled from memory
const settings = {
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  types: [],
  target: ts.ScriptTarget.ES2020,
  moduleResolution: ts.ModuleResolutionKind.Node10,
};
const host = ts.createCompilerHost(settings);
const { getSourceFile, fileExists } = host;
host.fileExists = (name) => name === source || fileExists(name);
host.getSourceFile = (name, ...rest) =>
  name === source
    ? ts.createSourceFile(name, lines.join("\n"), settings.target)
    : getSourceFile(name, ...rest);

const problems = ts.getPreEmitDiagnostics(ts.createProgram([source], settings, host));
for (const problem of problems) {
  const line = problem.file?.getLineAndCharacterOfPosition(problem.start).line;
  const text = ts.flattenDiagnosticMessageText(problem.messageText, "\n");
  console.error(`${places[line] ?? problem.file?.fileName ?? "the compiler"}: ${text}`);
}
process.exitCode = problems.length === 0 && process.argv.length > 2 ? 0 : 1;
