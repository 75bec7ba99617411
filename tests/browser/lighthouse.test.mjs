// What Lighthouse says of the page, in both colour schemes and on a phone:
//   node lighthouse.test.mjs http://127.0.0.1:3004

import assert from "node:assert/strict";
import { createServer } from "node:net";
import test from "node:test";
import lighthouse, { desktopConfig } from "lighthouse";
import { open, withPage } from "./browser.mjs";

const origin = new URL(process.argv[2]).origin;
const CATEGORIES = ["accessibility", "best-practices"];
const LEAST = 0.95;

async function freePort() {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

/** What keeps a category from its full score, for whoever has to mend it. */
const faultsOf = (report, category) =>
    report.categories[category].auditRefs
        .map(({ id }) => report.audits[id])
        .filter(({ score }) => score !== null && score < 1)
        .map(({ id, title }) => `${id}: ${title}`);

for (const colorScheme of ["light", "dark"]) {
    for (const form of ["desktop", "mobile"]) {
        test(`Lighthouse is content with the page (${colorScheme}, ${form})`, async () => {
            const port = await freePort();
            const args = [
                `--remote-debugging-port=${port}`,
                `--blink-settings=preferredColorScheme=${colorScheme === "dark" ? 0 : 1}`,
            ];
            await withPage(origin, { colorScheme: null, args }, async (page) => {
                await open(page, "/?range=all");
                const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;
                assert.equal(await page.evaluate(isDark), colorScheme === "dark");
                const { lhr } = await lighthouse(
                    `${origin}/?range=all`,
                    { port, onlyCategories: CATEGORIES, throttlingMethod: "provided", logLevel: "error" },
                    form === "desktop" ? desktopConfig : undefined,
                );
                assert.equal(lhr.runtimeError, undefined);
                for (const category of CATEGORIES) {
                    const { score } = lhr.categories[category];
                    console.log(`${colorScheme}, ${form}: ${category} ${score}`);
                    assert.ok(score >= LEAST, faultsOf(lhr, category).join("\n"));
                }
            });
        });
    }
}
