// Time ranges, and what can't be asked for:
// node ranges.test.mjs <a reporter of weeks> <a fresh one>
//
// The first has an event every hour, the second 200 of the last four minutes and one of 2019. For
// the browser it is always NOW, in Berlin, whose clocks have changed on the Sunday before.

import assert from "node:assert/strict";
import test from "node:test";
import { faultsOf } from "./axe.mjs";
import { NO_TROUBLES, noSidewaysScroll, open, settled, withPage } from "./browser.mjs";

const [weeks, fresh] = process.argv.slice(2, 4).map((address) => new URL(address).origin);
const NOW = new Date("2026-04-01T10:00:00+02:00"); // a Wednesday

const withClock = (origin, use, options = {}) =>
    withPage(origin, options, async (page, troubles) => {
        await page.clock.setFixedTime(NOW);
        await use(page, troubles);
    });

const choose = async (page, label) => {
    await page.locator("#range").getByText(label, { exact: true }).click();
    await settled(page);
};

const events = async (page) =>
    Number((await page.locator("#total-events").innerText()).replaceAll(",", ""));

const refused = (page) => page.locator("#refusal").waitFor();
const accepted = async (page) => {
    await page.locator("#refusal").waitFor({ state: "hidden" });
    await settled(page);
};

/** The names of the chart's bars, the oldest first, and how many of them have events. */
async function bars(page) {
    const details = page.locator('.card[data-report="events"] .numbers');
    if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
    await details.locator("tbody tr").first().waitFor();
    const rows = await details.locator("tbody tr").evaluateAll((lines) =>
        lines.map((line) => ({
            name: line.querySelector("th").textContent,
            count: Number(line.querySelector("td").textContent.replaceAll(",", "")),
        })),
    );
    return {
        names: rows.map(({ name }) => name).reverse(),
        busy: rows.filter(({ count }) => count > 0).length,
    };
}

/** What stands beside a field whose value is refused, in the one colour of all that is. */
async function problemOf(page, name) {
    const field = page.locator(`#${name}[role="radiogroup"], [name="${name}"]:not([type="radio"])`);
    assert.equal(await field.getAttribute("aria-invalid"), "true", name);
    const note = page.locator(`#${await field.getAttribute("aria-describedby")}`);
    assert.ok(await note.isVisible(), name);
    const colourOf = (place) => place.evaluate((element) => getComputedStyle(element).color);
    assert.equal(await colourOf(note), await colourOf(page.locator("#refusal")), name);
    return note.innerText();
}

const RANGES = [
    ["15 min", 0, /^1 Apr 2026, 09:45 – 1 Apr 2026, 10:00$/, /09:45/],
    ["1 hour", 1, /^1 Apr 2026, 09:00 – 1 Apr 2026, 10:00$/, /09:00/],
    ["24 hours", 24, /^31 Mar 2026, 10:00 – 1 Apr 2026, 10:00$/, /31 Mar 2026, 10:00/],
    ["Today", 10, /^1 Apr 2026, 00:00 – 1 Apr 2026, 10:00$/, /1 Apr 2026, 00:00/],
    ["Yesterday", 24, /^Tue,? 31 Mar 2026$/, /31 Mar 2026, 00:00/],
    ["This week", 58, /^30 Mar 2026, 00:00 – 1 Apr 2026, 10:00$/, /30 Mar 2026, 00:00/],
    ["Last week", 167, /^23\D+29 Mar 2026$/, /23 Mar 2026, 00:00/],
    ["7 days", 167, /^25\D+31 Mar 2026$/, /25 Mar 2026, 00:00/],
    ["30 days", 719, /^2\D+31 Mar 2026$/, /^Mon,? 2 Mar 2026/],
    ["This month", 10, /^1 Apr 2026, 00:00 – 1 Apr 2026, 10:00$/, /1 Apr 2026, 00:00/],
    ["Last month", 743, /^1\D+31 Mar 2026$/, /^Sun,? 1 Mar 2026/],
    ["All", 968, /^Everything stored$/, /^Fri,? 20 Feb 2026/],
];

test("each range has the events between its bounds, and bars that begin there", async () => {
    await withClock(weeks, async (page, troubles) => {
        await open(page, "/");
        for (const [label, count, window, firstBar] of RANGES) {
            await choose(page, label);
            assert.equal(await events(page), count, label);
            assert.match(await page.locator("#window").innerText(), window, label);
            assert.ok(!(await page.locator("#left-out").isVisible()), label);
            if (count === 0) continue;
            const { names, busy } = await bars(page);
            assert.match(names[0], firstBar, label);
            if (count > 1) assert.ok(busy > 1, `${label} has one lonely bar`);
        }
        assert.deepEqual(troubles, NO_TROUBLES);
    });
});

/** Where clocks change at two, at one, at midnight, by half an hour, on a Friday that never was. */
const CHANGES = {
    "Europe/Berlin": ["2026-03-29T12:00:00Z", "2026-03-30T06:00:00Z", "2026-10-25T12:00:00Z"],
    "America/New_York": ["2026-03-08T12:00:00Z", "2026-03-09T12:00:00Z", "2026-11-01T12:00:00Z"],
    "America/Havana": ["2026-03-08T12:00:00Z", "2026-11-01T04:30:00Z", "2026-11-01T12:00:00Z"],
    "Atlantic/Azores": ["2026-10-25T00:30:00Z", "2026-10-25T12:00:00Z", "2026-10-26T12:00:00Z"],
    "Australia/Lord_Howe": ["2026-10-04T12:00:00Z", "2026-04-05T12:00:00Z"],
    "Asia/Kathmandu": ["2026-03-01T18:20:00Z"],
    "Pacific/Apia": ["2011-12-31T12:00:00Z", "2012-01-03T12:00:00Z"],
};

const BUCKETS = {
    "24h": "hour",
    today: "day",
    yesterday: "day",
    "this-week": "week",
    "last-week": "week",
    "7d": "day",
    "30d": "day",
    "this-month": "month",
    "last-month": "month",
};

test("the page's days, weeks and months are the API's, where clocks change too", async () => {
    const bucketOf = async (time, interval, zone) => {
        const query = new URLSearchParams({ from: time, to: time + 1, interval, tz: zone });
        const { series } = await (await fetch(`${weeks}/reports/events?${query}`)).json();
        return Date.parse(series[0].time);
    };
    for (const [zone, times] of Object.entries(CHANGES)) {
        await withPage(weeks, { timezoneId: zone }, async (page) => {
            await open(page, "/?range=today");
            for (const now of times.map(Date.parse)) {
                const windows = await page.evaluate(
                    async ([now, ranges]) => {
                        const { windowOf } = await import("/js/ranges.js");
                        return ranges.map((range) => [range, windowOf({ range }, now, null)]);
                    },
                    [now, Object.keys(BUCKETS)],
                );
                for (const [range, { from, to }] of windows) {
                    const where = `${range} at ${new Date(now).toISOString()} in ${zone}`;
                    assert.equal(await bucketOf(from, BUCKETS[range], zone), from, where);
                    if (to === now) continue;
                    assert.equal(await bucketOf(to + 1, BUCKETS[range], zone), to + 1, where);
                    assert.notEqual(await bucketOf(to, BUCKETS[range], zone), to + 1, where);
                }
            }
        });
    }
});

test("a long range is drawn by weeks or months, and each can be chosen", async () => {
    await withClock(weeks, async (page) => {
        await open(page, "/?range=custom&from=2025-04-01T00:00:00Z&to=2026-04-01T08:00:00Z");
        const weekly = await bars(page);
        assert.match(weekly.names.at(-1), /^30 Mar\D+5 Apr 2026/);
        assert.match(weekly.names.at(-2), /^23\D+29 Mar 2026/);
        await open(page, "/?range=custom&from=2020-04-01T00:00:00Z&to=2026-04-01T08:00:00Z");
        const monthly = await bars(page);
        assert.deepEqual(
            monthly.names.slice(-3).map((name) => name.slice(0, 13).trim()),
            ["February 2026", "March 2026", "April 2026"],
        );
        await open(page, "/?range=all&interval=week");
        assert.match((await bars(page)).names[0], /^16\D+22 Feb 2026/);
    });
});

test("a fresh start shows the minutes that there are", async () => {
    await withClock(fresh, async (page, troubles) => {
        await open(page, "/");
        assert.equal(await page.locator('input[name="range"]:checked').inputValue(), "15m");
        assert.equal(new URL(page.url()).search, "");
        assert.equal(await events(page), 200);
        assert.equal((await bars(page)).busy, 4);
        // Another choice leaves the range to the page.
        await page.locator("#source").getByText("Facebook", { exact: true }).click();
        await settled(page);
        assert.equal(new URL(page.url()).search, "?source=facebook");
        assert.deepEqual(troubles, NO_TROUBLES);
    });
    await withClock(weeks, async (page) => {
        await open(page, "/");
        assert.equal(await page.locator('input[name="range"]:checked').inputValue(), "24h");
    });
    await withPage(weeks, {}, async (page) => {
        await page.clock.setFixedTime(new Date("2026-05-20T10:00:00Z"));
        await open(page, "/"); // its last day has nothing
        assert.equal(await page.locator('input[name="range"]:checked').inputValue(), "all");
        assert.equal(await events(page), 968);
    });
});

test("one event of 2019 does not ruin all others, and is not hidden", async () => {
    await withClock(fresh, async (page) => {
        await open(page, "/?range=all");
        const note = page.locator("#left-out");
        assert.match(await note.innerText(), /^1 event before 1 Apr 2026, 09:56 is left out\./);
        assert.equal(await events(page), 200);
        assert.equal((await bars(page)).busy, 4);
        await note.getByRole("button", { name: "Show it" }).click();
        await settled(page);
        assert.equal(await events(page), 201);
        const { names } = await bars(page);
        assert.match(names[0], /^May 2019/);
        assert.match(names.at(-1), /^April 2026/);
        assert.match(await note.innerText(), /^1 event before .* is far from all others\./);
        await note.getByRole("button", { name: "Leave it out" }).click();
        await settled(page);
        assert.equal(await events(page), 200);
        await page.goBack();
        await settled(page);
        assert.equal(await events(page), 201);
        await choose(page, "Today");
        assert.ok(!(await note.isVisible()));
        assert.equal(new URL(page.url()).search, "?range=today");
    });
});

test("a custom range begins as the window on the screen", async () => {
    await withClock(weeks, async (page) => {
        await open(page, "/?range=yesterday");
        await choose(page, "Custom");
        assert.equal(
            await page.getByLabel("From", { exact: true }).inputValue(),
            "2026-03-31T00:00",
        );
        assert.equal(await page.getByLabel("To", { exact: true }).inputValue(), "2026-04-01T00:00");
        assert.equal(await events(page), 24);
        await page.getByLabel("From", { exact: true }).fill("2026-03-30T00:00");
        await page.waitForURL(/from=2026-03-29T22/);
        await settled(page);
        assert.equal(await events(page), 48);
        await choose(page, "All");
        await choose(page, "Custom");
        assert.equal(await events(page), 968);
        assert.match(await page.getByLabel("From", { exact: true }).inputValue(), /^2026-02-20T/);
    });
});

test("a hand-edited address is refused where it stands, and nothing is asked for", async () => {
    await withClock(weeks, async (page, troubles) => {
        const asked = [];
        page.on("request", (request) => {
            if (/reports\/(events|revenue|demographics)/.test(request.url()))
                asked.push(request.url());
        });
        await page.goto("/?range=foo&ageMin=200&gender=xyz");
        await refused(page);
        await page.locator("#live-text", { hasText: "Nothing is asked for" }).waitFor();
        assert.deepEqual(asked, []);
        assert.match(await problemOf(page, "range"), /“foo” is not a time range/);
        assert.match(await problemOf(page, "ageMin"), /from 0 to 150/);
        assert.match(await problemOf(page, "gender"), /“xyz” is not a gender/);
        assert.equal(await page.locator('[name="gender"]').inputValue(), "xyz");
        assert.match(await page.locator("#refusal").innerText(), /Time range.*Gender.*Age from/s);
        for (const body of await page.locator(".card .body").all())
            assert.ok(!(await body.isVisible()));

        await page.getByRole("button", { name: "Age from", exact: true }).click();
        assert.equal(await page.evaluate(() => document.activeElement.name), "ageMin");
        await page.keyboard.press("Control+A");
        await page.keyboard.type("20");
        await page.locator('[name="gender"]').selectOption("");
        await page.locator("#range").getByText("Yesterday", { exact: true }).click();
        await accepted(page);
        assert.equal(new URL(page.url()).search, "?range=yesterday&ageMin=20");
        assert.equal(await events(page), 24);
        assert.equal(await page.locator("[aria-invalid], .note:visible").count(), 0);
        assert.deepEqual(troubles, NO_TROUBLES);
    });
    const alone = {
        source: "bing",
        eventType: "none",
        device: "toaster",
        funnelStage: "middle",
        interval: "year",
        ageMax: "-1",
        followersMin: "many",
        campaignId: "x".repeat(1025),
    };
    await withClock(weeks, async (page) => {
        for (const [name, value] of Object.entries(alone)) {
            await page.goto(`/?range=yesterday&${name}=${value}`);
            await refused(page);
            await problemOf(page, name);
            assert.equal(await page.locator("[aria-invalid]").count(), 1, name);
        }
        await page.goto("/?range=custom&from=soon&to=2026-04-01T00:00:00Z");
        await refused(page);
        assert.match(await problemOf(page, "from"), /“soon” is not a time/);
        await page.goto("/?source=facebook&eventType=purchase"); // TikTok's
        await refused(page);
        assert.match(await problemOf(page, "eventType"), /not an event type of what is chosen/);
    });
});

test("old figures never stand under new words", async () => {
    await withClock(weeks, async (page) => {
        await open(page, "/?range=yesterday&ageMin=40");
        const address = page.url();
        const total = page.locator("#total-events");
        assert.ok(await total.isVisible());
        await page.locator('[name="ageMax"]').fill("30");
        await refused(page);
        assert.match(await problemOf(page, "ageMax"), /Must not be less than 40/);
        assert.ok(!(await total.isVisible()));
        assert.ok(!(await page.locator("#window").isVisible()));
        assert.equal(await page.locator(".csv:visible, canvas:visible").count(), 0);
        assert.equal(page.url(), address);
        await page.locator('[name="ageMax"]').fill("50");
        await accepted(page);
        assert.ok(await total.isVisible());
        assert.equal(new URL(page.url()).search, "?range=yesterday&ageMin=40&ageMax=50");

        await page.locator('[name="ageMax"]').fill("200");
        await refused(page);
        assert.match(await problemOf(page, "ageMax"), /Must be from 0 to 150/);
        await page.getByRole("button", { name: "Remove filter Age to 200" }).click();
        await accepted(page);

        await choose(page, "Custom");
        await page.getByLabel("From", { exact: true }).fill("2026-04-01T12:00");
        await refused(page);
        assert.match(await problemOf(page, "to"), /later than the beginning/);
        assert.ok(!(await total.isVisible()));
        await page.getByLabel("To", { exact: true }).fill("2026-04-01T13:00");
        await accepted(page);
        assert.equal(await events(page), 0);
    });
});

test("figures go where the reporter refuses a question that the page took for right", async () => {
    await withClock(weeks, async (page) => {
        await open(page, "/?range=yesterday");
        await page.route("**/reports/**", (route) =>
            route.fulfill({
                status: 400,
                contentType: "application/problem+json",
                body: JSON.stringify({
                    status: 400,
                    errors: [{ parameter: "tz", message: "is new" }],
                }),
            }),
        );
        await page.locator("#range").getByText("Last week", { exact: true }).click();
        await page.locator(".card .message", { hasText: "tz is new." }).first().waitFor();
        await page.waitForFunction(
            () => document.getElementById("total-events").textContent === "",
        );
        assert.equal(await page.locator("canvas:visible").count(), 0);
    });
});

test("a text finds what there is in any case, and what is meant is offered", async () => {
    await withClock(weeks, async (page, troubles) => {
        await open(page, "/?range=yesterday&country=pERU");
        assert.equal(new URL(page.url()).search, "?range=yesterday&country=Peru");
        assert.equal(await events(page), 12);
        const country = page.locator('[name="country"]');
        assert.equal(await country.inputValue(), "Peru");
        await country.fill("germany");
        await page.waitForURL(/country=Germany/);
        await settled(page);
        assert.equal(await events(page), 12);
        await page.locator('[name="city"]').focus();
        await page.waitForFunction(
            () => document.querySelector('[name="country"]').value === "Germany",
        );

        await country.fill("Germny");
        const note = page.locator("#note-country");
        await note.waitFor();
        assert.equal(await note.innerText(), "No event has this country. Did you mean Germany?");
        await settled(page);
        assert.equal(await events(page), 0);
        assert.equal(await country.getAttribute("aria-describedby"), "note-country");
        await note.getByRole("button", { name: "Germany" }).click();
        await page.waitForURL(/country=Germany/);
        await settled(page);
        assert.equal(await events(page), 12);
        assert.ok(!(await note.isVisible()));

        await country.fill("Atlantis");
        await note.filter({ hasText: /^No event has this country\.$/ }).waitFor();
        const options = await page
            .locator("#countries option")
            .evaluateAll((all) => all.map((option) => option.value));
        assert.deepEqual(options.sort(), ["Germany", "Peru"]);
        assert.deepEqual(troubles, NO_TROUBLES);
    });
    // The API takes a text as it is.
    const answer = await fetch(`${weeks}/reports/events?country=germany`);
    assert.equal((await answer.json()).count, 0);
});

const SCREENS = [
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
    [390, "dark"],
    [360, "light"],
];

for (const [width, colorScheme] of SCREENS) {
    test(`what is refused and what is offered can be read by all (${colorScheme}, ${width} px)`, async () => {
        const use = async (page) => {
            await page.goto("/?range=foo&ageMin=200&followersMax=many&country=Germny&gender=xyz");
            await refused(page);
            await noSidewaysScroll(page);
            assert.deepEqual(await faultsOf(page), []);
            await page.goto("/?range=custom&country=Germny");
            await settled(page);
            await page.locator("#filters").evaluate((details) => (details.open = true));
            await page.locator("#note-country").waitFor();
            await noSidewaysScroll(page);
            assert.deepEqual(await faultsOf(page), []);
            await page.goto("/?range=this-month"); // the widest word
            await settled(page);
            await noSidewaysScroll(page);
        };
        await withClock(weeks, use, { colorScheme, viewport: { width, height: 800 } });
    });
}
