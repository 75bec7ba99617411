// The page of a reporter that has tokens: node door.test.mjs http://127.0.0.1:3004 <a token of it>

import assert from "node:assert/strict";
import test from "node:test";
import { settled, withPage } from "./browser.mjs";

const origin = new URL(process.argv[2]).origin;
const token = process.argv[3];

const message = (page) => page.locator("#door-message");
const figure = (page) => page.locator("#total-events");
const shown = (page, text) =>
    page.waitForFunction(
        (wanted) => document.getElementById("live-text").textContent.startsWith(wanted),
        text,
    );

async function enter(page, text) {
    await page.getByLabel("Token").fill(text);
    await page.getByRole("button", { name: "Show the figures" }).click();
}

test("figures are shown for a token, and for this tab only", async () => {
    await withPage(origin, {}, async (page, troubles) => {
        const sent = [];
        page.on("request", (request) => sent.push(request));
        await page.goto("/?range=all");
        await message(page).filter({ hasText: "to those with a token" }).waitFor();
        await shown(page, "Locked");
        assert.equal(await figure(page).innerText(), "");

        await enter(page, "not-the-token-of-it");
        await message(page).filter({ hasText: "does not know" }).waitFor();
        await enter(page, "nichts für Köpfe"); // no header can hold it
        await message(page).filter({ hasText: "does not know" }).waitFor();

        await enter(page, token);
        await settled(page);
        assert.equal(await page.locator("#door").isVisible(), false);
        assert.match(await figure(page).innerText(), /^[1-9][0-9,.]*$/);

        // Kept for a reload, in this tab's storage and nowhere else.
        await page.reload();
        await settled(page);
        assert.equal(await page.locator("#door").isVisible(), false);
        assert.equal(await page.evaluate(() => localStorage.length), 0);
        assert.deepEqual(await page.context().cookies(), []);
        assert.ok(!page.url().includes(token));
        assert.ok(sent.every((request) => !request.url().includes(token)));

        const other = await page.context().newPage();
        await other.goto(`${origin}/?range=all`);
        await message(other).filter({ hasText: "to those with a token" }).waitFor();

        const download = page.waitForEvent("download");
        await page.getByRole("link", { name: "Gender as CSV" }).click();
        assert.equal((await download).suggestedFilename(), "gender.csv");

        assert.deepEqual(troubles.foreign, []);
        assert.deepEqual(troubles.policy, []);
        // Chromium tells of each 401 by itself.
        const others = troubles.console.filter((text) => !text.includes("401"));
        assert.deepEqual(others, []);
    });
});

test("figures go when the token is no longer one", async () => {
    await withPage(origin, {}, async (page) => {
        await page.goto("/?range=all");
        await enter(page, token);
        await settled(page);
        await page.route("**/reports/**", (route) =>
            route.fulfill({ status: 401, contentType: "application/problem+json", body: "{}" }),
        );
        await page.getByText("TikTok", { exact: true }).click();
        await message(page).filter({ hasText: "does not know" }).waitFor();
        await shown(page, "Locked");
        assert.equal(await page.locator('.card[data-report="gender"] .body').isVisible(), false);
        assert.equal(await figure(page).innerText(), "");
        assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    });
});
