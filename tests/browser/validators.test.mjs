// What linters and accessibility checkers that others wrote say of the reporter's page, and of the
// descriptions of both APIs: node validators.test.mjs <a reporter> <a gateway>

import assert from "node:assert/strict";
import test from "node:test";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { faultsOf } from "./axe.mjs";
import { open, settled, withPage } from "./browser.mjs";

const [origin, gateway] = process.argv.slice(2, 4).map((url) => new URL(url).origin);

for (const [name, api] of Object.entries({ reporter: origin, gateway })) {
    const description = await (await fetch(`${api}/openapi.json`)).text();

    test(`redocly finds nothing in the ${name}'s description`, async () => {
        const config = await createConfig({
            extends: ["recommended"],
            rules: {
                "info-license": "off", // the owner's to choose
                "operation-4xx-response": "off", // of probes and metrics there is none to tell of
            },
        });
        const problems = await lintFromString({
            source: description,
            absoluteRef: `${api}/openapi.json`,
            config,
        });
        assert.deepEqual(
            problems.map(({ ruleId, message, location }) => `${ruleId} ${message} ${location[0].pointer}`),
            [],
        );
    });

    test(`spectral finds nothing in the ${name}'s description`, async () => {
        const linter = new spectral.Spectral();
        linter.setRuleset({
            extends: [[rulesets.oas, "recommended"]],
            rules: { "info-contact": "off" }, // whoever runs it is
        });
        const problems = await linter.run(JSON.parse(description));
        assert.deepEqual(
            problems.map(({ code, message, path }) => `${code} ${message} ${path.join("/")}`),
            [],
        );
    });
}

for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
        const options = { colorScheme, viewport: { width, height: 900 } };
        const where = `${colorScheme}, ${width} px`;

        test(`axe finds nothing on the page (${where})`, async () => {
            await withPage(origin, options, async (page) => {
                await open(page, "/?range=all");
                await page.locator("#filters summary").click();
                await settled(page);
                assert.deepEqual(await faultsOf(page), []);
            });
        });

        for (const [name, api] of Object.entries({ reporter: origin, gateway })) {
            test(`axe finds nothing in the viewer of the ${name}'s API (${where})`, async () => {
                await withPage(api, options, async (page) => {
                    await page.goto("/docs");
                    await page.locator(".opblock-summary").first().click();
                    await page.locator(".opblock-body .parameters").first().waitFor();
                    // Swagger UI's own colours, headings, buttons in buttons, and parts beside its main one.
                    const theirs = ["color-contrast", "heading-order", "nested-interactive", "region"];
                    assert.deepEqual(await faultsOf(page, theirs), []);
                });
            });
        }
    }
}
