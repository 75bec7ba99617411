// The reporter's page below a path of a proxy: node prefix.test.mjs http://127.0.0.1:8080/marketing/ ...

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { NO_TROUBLES, open, settled, withPage } from "./browser.mjs";
import { expectSameFigures } from "./figures.mjs";

/** A proxy that asks for readiness lets the reporter in after a while. */
async function reachable(base) {
    for (let tries = 0; tries < 600; ++tries) {
        if ((await fetch(`${base}reports/events`)).status === 200) return;
        await pause(100);
    }
    assert.fail(`${base} is not reached`);
}

for (const base of process.argv.slice(2)) {
    test(`the page and its documentation stay below ${base}`, async () => {
        await reachable(base);
        const { origin, pathname } = new URL(base);
        await withPage(origin, {}, async (page, troubles) => {
            const asked = [];
            page.on("request", (request) => asked.push(request.url()));
            await open(page, `${base}?range=all`);
            const all = await expectSameFigures(page, base);
            assert.ok(all.events > 0);

            await page.getByText("Facebook", { exact: true }).click();
            await settled(page);
            assert.equal(page.url(), `${base}?range=all&source=facebook`);
            await expectSameFigures(page, base);
            await page.reload();
            await settled(page);
            await page.goBack();
            await settled(page);
            assert.deepEqual(await expectSameFigures(page, base), all);

            const download = page.waitForEvent("download");
            await page.getByRole("link", { name: "Gender as CSV" }).click();
            assert.equal((await download).suggestedFilename(), "gender.csv");

            await page.getByRole("link", { name: "API", exact: true }).click();
            await page.locator("#operations-Reports-reportEvents .opblock-summary").click();
            assert.equal(new URL(page.url()).pathname, `${pathname}docs`);
            await page.getByRole("button", { name: "Execute" }).click();
            await page
                .locator(".live-responses-table .response-col_status", { hasText: "200" })
                .waitFor();
            assert.ok(asked.some((url) => url.startsWith(`${base}reports/events`)));
            // Its own last slash is taken off, not looked for below it.
            await page.goto(`${base}docs/`);
            assert.equal(new URL(page.url()).pathname, `${pathname}docs`);
            await page.getByRole("link", { name: "← Marketing events" }).click();
            await settled(page);
            assert.equal(new URL(page.url()).pathname, pathname);

            const elsewhere = asked.filter(
                (url) => !url.startsWith(base) && !url.startsWith("data:") && !url.startsWith("blob:"),
            );
            assert.deepEqual(elsewhere, []);
            assert.deepEqual(troubles, NO_TROUBLES);
        });
        const bare = await fetch(base.slice(0, -1), { redirect: "manual" });
        assert.ok([301, 302, 308].includes(bare.status), `${bare.status}`);
    });
}
