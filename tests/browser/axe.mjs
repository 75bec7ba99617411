// What axe, which knows the rules of accessibility, has against a page.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** Of what is shown; axe's code runs beside the page's policy, as a debugger's does. */
export async function faultsOf(page, leftOut = []) {
    await page.evaluate(axe);
    const rules = Object.fromEntries(leftOut.map((rule) => [rule, { enabled: false }]));
    const { violations } = await page.evaluate((rules) => globalThis.axe.run({ rules }), rules);
    return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200))}`,
    );
}
