// The reporter's page as a person with a browser meets it: node page.test.mjs http://127.0.0.1:3004

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { NO_TROUBLES, noSidewaysScroll, open, settled, withPage } from "./browser.mjs";
import { expectSameFigures } from "./figures.mjs";

const origin = new URL(process.argv[2]).origin;
const withPhone = (width, use) => withPage(origin, { viewport: { width, height: 800 } }, use);

test("the figures are the API's, with and without filters", async () => {
    await withPage(origin, {}, async (page, troubles) => {
        await open(page, "/?range=all");
        const all = await expectSameFigures(page, origin);
        assert.ok(all.events > 0);

        await page.getByText("Facebook", { exact: true }).click();
        await settled(page);
        const facebook = await expectSameFigures(page, origin);
        assert.ok(facebook.events < all.events);
        assert.notEqual(facebook.revenue, all.revenue);
        assert.notEqual(facebook.users, all.users);

        await page.locator('.card[data-report="gender"] button.pick').first().click();
        await settled(page);
        const filtered = await expectSameFigures(page, origin);
        assert.notEqual(filtered.users, facebook.users);
        assert.ok(filtered.events < facebook.events);
        assert.notEqual(filtered.revenue, facebook.revenue);

        await page.locator('.card[data-report="campaigns"] button.pick').first().click();
        await settled(page);
        const campaign = await expectSameFigures(page, origin);
        assert.ok(campaign.events < filtered.events);
        assert.notEqual(campaign.users, filtered.users);
        assert.deepEqual(troubles, NO_TROUBLES);
    });
});

test("a range that begins before what is kept says so", async () => {
    await withPage(origin, {}, async (page) => {
        await open(page, "/?range=all");
        const note = page.locator("#kept");
        assert.match(await note.innerText(), /^Events before .*2004.* are not kept any more\.$/);
        await page.getByText("7 days", { exact: true }).click();
        await settled(page);
        assert.ok(!(await note.isVisible()));
    });
});

test("a long total is smaller, and never broken", async () => {
    for (const width of [1280, 800, 390]) {
        await withPhone(width, async (page) => {
            await page.route("**/reports/revenue*", async (route) => {
                const response = await route.fetch();
                const text = (await response.text()).replace(
                    /"revenue":[\d.]+,"transactions":\d+/,
                    '"revenue":98765432109876.54,"transactions":12345678901',
                );
                await route.fulfill({ response, body: text });
            });
            await open(page, "/?range=all");
            const figures = await page.locator(".figure").evaluateAll((all) =>
                all.map((figure) => ({
                    text: figure.innerText,
                    fits: figure.scrollWidth <= figure.clientWidth,
                    lines: Math.round(figure.clientHeight / 36),
                })),
            );
            assert.ok(figures.some(({ text }) => text.length > 17));
            for (const { text, fits, lines } of figures) {
                assert.ok(fits, `${text} at ${width} px`);
                assert.equal(lines, 1, text);
            }
        });
    }
});

/** The catalogue with a source more, which has nine types at the bottom of the funnel. */
async function withThirdSource(route) {
    const response = await route.fetch();
    const catalogue = await response.json();
    const names = Array.from({ length: 9 }, (_, index) => `conversion.${index}`);
    catalogue.sources.push({ name: "google", title: "Google" });
    for (const name of names)
        catalogue.eventTypes.push({
            name,
            label: `Conversion ${name.slice(-1)}`,
            funnelStage: "bottom",
            hasRevenue: true,
            sources: ["google"],
        });
    const device = catalogue.dimensions.find(({ name }) => name === "device");
    device.knownOf.push({ source: "google" });
    device.choices.push({ name: "watch", label: "Watch", sources: ["google"] });
    await route.fulfill({ json: catalogue });
}

test("what there is to choose is what the reporter tells", async () => {
    await withPage(origin, {}, async (page, troubles) => {
        const texts = (selector) => page.locator(selector).allTextContents();
        await open(page, "/?range=all");
        assert.deepEqual(await texts("#source span"), ["Both", "Facebook", "TikTok"]);
        assert.equal((await expectSameFigures(page, origin)).events > 0, true);

        await page.route("**/reports/catalogue", withThirdSource);
        await open(page, "/?range=all");
        assert.deepEqual(await texts("#source span"), ["All", "Facebook", "TikTok", "Google"]);
        await expectSameFigures(page, origin);
        const types = await texts('select[name="eventType"] option');
        assert.ok(types.includes("Conversion 8") && types.includes("Ad view"));
        const devices = await texts('select[name="device"] option');
        assert.ok(devices.includes("Watch (Google)") && devices.includes("iOS (TikTok)"));
        const colours = await page.evaluate(async () => {
            const { resolved, shades } = await import("/js/colours.js");
            return shades("bottom", 12).map(resolved);
        });
        assert.equal(new Set(colours).size, 12);
        assert.deepEqual(troubles, NO_TROUBLES);
    });
});

test("the page waits for what there is to choose, and keeps what was chosen", async () => {
    await withPage(origin, {}, async (page) => {
        await page.route("**/reports/catalogue", (route) =>
            route.fulfill({ status: 503, headers: { "Retry-After": "1" }, body: "{}" }),
        );
        await page.goto("/?range=all&source=tiktok&eventType=purchase");
        await page.getByRole("alert").getByText("The reporter answered 503.").waitFor();
        await page.unroute("**/reports/catalogue");
        await settled(page);
        assert.equal(new URL(page.url()).search, "?range=all&source=tiktok&eventType=purchase");
        assert.equal(await page.locator('select[name="eventType"]').inputValue(), "purchase");
        await expectSameFigures(page, origin);
    });
});

test("the address holds what is shown, and Back undoes a change", async () => {
    await withPage(origin, {}, async (page) => {
        await open(page, "/?range=all");
        await page.locator("#filters summary").click();
        await page.getByLabel("Event type").selectOption("purchase");
        await settled(page);
        assert.equal(new URL(page.url()).search, "?range=all&eventType=purchase");
        const before = await expectSameFigures(page, origin);
        await page.reload();
        await settled(page);
        assert.deepEqual(await expectSameFigures(page, origin), before);
        // Facebook has no purchases: the type goes with the choice.
        await page.getByText("Facebook", { exact: true }).click();
        await settled(page);
        assert.equal(new URL(page.url()).search, "?range=all&source=facebook");
        await page.goBack();
        await settled(page);
        assert.deepEqual(await expectSameFigures(page, origin), before);
        await page.getByRole("button", { name: "Remove filter Type: Purchase" }).click();
        await settled(page);
        assert.equal(new URL(page.url()).search, "?range=all");
    });
});

test("each range and each interval is drawn", async () => {
    await withPage(origin, {}, async (page, troubles) => {
        for (const range of ["15m", "1h", "24h", "7d", "30d", "all"]) {
            await open(page, `/?range=${range}`);
            await expectSameFigures(page, origin);
        }
        for (const interval of ["minute", "hour", "day"]) {
            await open(page, `/?range=24h&interval=${interval}`);
            const address = await page
                .locator('.card[data-report="events"]')
                .getAttribute("data-address");
            assert.match(address, new RegExp(`interval=${interval}&tz=Europe%2FBerlin$`));
            for (const chart of ["events", "revenue", "users"])
                assert.equal(await page.locator(`#${chart}-chart canvas`).count(), 1, chart);
            await page.locator('.card[data-report="events"] .numbers summary').click();
            // The table is filled when it has opened.
            await page.locator('.card[data-report="events"] .numbers tbody tr').first().waitFor();
        }
        assert.deepEqual(troubles, NO_TROUBLES);
    });
});

for (const width of [390, 360]) {
    test(`a phone of ${width} pixels scrolls up and down only`, async () => {
        await withPhone(width, async (page, troubles) => {
            await open(page, "/?range=all");
            await noSidewaysScroll(page);
            await page.locator("#filters summary").click();
            await page.getByText("Custom", { exact: true }).click();
            await settled(page);
            await noSidewaysScroll(page);
            await expectSameFigures(page, origin);
            assert.deepEqual(troubles, NO_TROUBLES);
        });
    });
}

test("the keyboard reaches every control and shows where it is", async () => {
    await withPage(origin, {}, async (page) => {
        await open(page, "/?range=all");
        await page.locator("#filters summary").click();
        await page.reload();
        await settled(page);
        await page.keyboard.press("Tab");
        assert.equal(
            await page.evaluate(() => document.activeElement.textContent),
            "Skip to the figures",
        );
        await page.keyboard.press("Enter");
        assert.equal(await page.evaluate(() => document.activeElement.id), "figures");

        await page.reload();
        await settled(page);
        const reached = new Set();
        for (let i = 0; i < 80; ++i) {
            await page.keyboard.press("Tab");
            const { name, outlined } = await page.evaluate(() => {
                const element = document.activeElement;
                const visible = element.type === "radio" ? element.nextElementSibling : element;
                return {
                    name: element.name || element.id || element.className || element.tagName,
                    outlined: getComputedStyle(visible).outlineStyle !== "none",
                };
            });
            if (name === "SUMMARY" && !reached.has(name)) await page.keyboard.press("Enter");
            if (name !== "BODY") assert.ok(outlined, `${name} shows no focus`);
            reached.add(name);
        }
        const controls = [
            "pause",
            "range",
            "source",
            "interval",
            "funnelStage",
            "eventType",
            "campaignId",
            "country",
            "city",
            "device",
            "gender",
            "ageMin",
            "ageMax",
            "followersMin",
            "followersMax",
            "csv",
            "pick",
        ];
        for (const name of controls) assert.ok(reached.has(name), `${name} is not reached`);

        await page.locator('input[name="source"]:checked').focus();
        await page.keyboard.press("ArrowRight");
        await settled(page);
        assert.match(page.url(), /source=facebook/);
        await expectSameFigures(page, origin);
    });
});

test("every control has a name, and a change is announced", async () => {
    await withPage(origin, {}, async (page) => {
        await open(page, "/?range=all");
        await page.locator("#filters summary").click();
        for (const control of await page.locator("input, select, button, summary, a").all()) {
            const named = await control.evaluate(
                (element) =>
                    element.labels?.length > 0 ||
                    element.ariaLabel ||
                    element.textContent.trim() !== "",
            );
            assert.ok(named, await control.evaluate((element) => element.outerHTML));
        }
        await page.getByText("TikTok", { exact: true }).click();
        await settled(page);
        await page.waitForFunction(() =>
            /events, revenue .* orders, .* users/.test(
                document.getElementById("announcer").textContent,
            ),
        );
    });
});

test("CSV is what the API gives for what is shown", async () => {
    await withPage(origin, {}, async (page) => {
        await open(page, "/?range=all");
        for (const report of ["events", "revenue", "campaigns", "users", "country"]) {
            const card = page.locator(`.card[data-report="${report}"]`);
            const [download] = await Promise.all([
                page.waitForEvent("download"),
                card.locator(".csv").click(),
            ]);
            assert.equal(download.suggestedFilename(), `${report}.csv`);
            const address = new URL(await card.getAttribute("data-address"), origin);
            const expected = await fetch(address, { headers: { Accept: "text/csv" } });
            assert.match(expected.headers.get("Content-Type"), /^text\/csv/);
            assert.equal(await readFile(await download.path(), "utf8"), await expected.text());
        }
    });
});

test("an outage keeps the figures, says so, and ends by itself", async () => {
    await withPage(origin, {}, async (page) => {
        await page.goto("/?range=all");
        await settled(page);
        const before = await page.locator("#total-events").innerText();
        await page.route("**/reports/**", (route) =>
            route.fulfill({
                status: 503,
                headers: { "Retry-After": "2", "Content-Type": "application/problem+json" },
                body: JSON.stringify({
                    status: 503,
                    detail: "The database does not answer in time.",
                }),
            }),
        );
        await page.getByText("24 hours", { exact: true }).click();
        const banner = page.getByRole("alert");
        await banner.getByText("The database does not answer in time.").waitFor();
        assert.equal(await page.locator("#total-events").innerText(), before);
        assert.equal(await page.locator(".card[data-stale]").count(), 10);
        await page.unroute("**/reports/**");
        await banner.waitFor({ state: "hidden" });
        assert.equal(await page.locator("[data-stale]").count(), 0);
        await expectSameFigures(page, origin);
    });
});

test("it asks again while somebody looks, and not while paused or hidden", async () => {
    await withPage(origin, {}, async (page) => {
        await page.clock.install();
        await page.goto("/?range=all");
        await settled(page);
        let asked = 0;
        page.on("request", (request) => {
            if (request.url().includes("/reports/")) ++asked;
        });
        const during = async (milliseconds) => {
            const before = asked;
            await page.clock.runFor(milliseconds);
            // Behind whatever the page has asked by then.
            await page.evaluate(() => fetch("/liveness"));
            return asked - before;
        };
        const asksAgain = async (act) => {
            const answered = page.waitForResponse(/groupBy=followersGroup/);
            await act();
            await answered;
        };
        await asksAgain(() => page.clock.runFor(70_000)); // the longest pause, and its jitter
        await settled(page);
        await page.getByRole("button", { name: "Pause" }).click();
        assert.equal(await during(60_000), 0);
        await page.getByRole("button", { name: "Resume" }).click();
        await settled(page);
        const hide = (hidden) =>
            page.evaluate((value) => {
                Object.defineProperty(document, "hidden", { value, configurable: true });
                document.dispatchEvent(new Event("visibilitychange"));
            }, hidden);
        await hide(true);
        assert.equal(await during(60_000), 0);
        await asksAgain(() => hide(false));
    });
});

test("a new choice aborts what was asked for before", async () => {
    await withPage(origin, {}, async (page) => {
        await open(page, "/?range=all");
        await page.route("**/reports/**source=facebook**", async () => {}); // never answered
        const aborted = [];
        page.on("requestfailed", (request) => aborted.push(request.url()));
        await page.getByText("Facebook", { exact: true }).click();
        await page.waitForFunction(() => document.querySelector("[aria-busy]"));
        await page.getByText("TikTok", { exact: true }).click();
        await settled(page);
        await expectSameFigures(page, origin);
        assert.ok(aborted.length > 0 && aborted.every((url) => url.includes("source=facebook")));
    });
});

test("the colours follow the system", async () => {
    const ground = (colorScheme) =>
        new Promise((resolve, reject) => {
            withPage(origin, { colorScheme }, async (page, troubles) => {
                await open(page, "/?range=all");
                assert.deepEqual(troubles, NO_TROUBLES);
                resolve(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
            }).catch(reject);
        });
    assert.notEqual(await ground("dark"), await ground("light"));
});

test("the documentation shows every operation and asks nobody else", async () => {
    await withPage(origin, {}, async (page, troubles) => {
        await page.goto("/docs");
        const { paths } = await (await fetch(`${origin}/openapi.json`)).json();
        const blocks = page.locator(".opblock");
        await blocks.first().waitFor();
        assert.equal(await blocks.count(), Object.keys(paths).length);
        await page.locator("#operations-Reports-reportEvents .opblock-summary").click();
        await page.getByRole("button", { name: "Execute" }).click();
        await page
            .locator(".live-responses-table .response-col_status", { hasText: "200" })
            .waitFor();
        assert.deepEqual(troubles, NO_TROUBLES);
    });
});
