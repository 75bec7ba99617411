// What the page shows, and what the API says to the same questions; both as text, to the cent.

import assert from "node:assert/strict";

const plain = (text) => text.replaceAll(",", "").trim();

/** The figures of a report's answer; money keeps the characters of the source. */
async function ask(origin, address) {
    const response = await fetch(new URL(address, origin));
    const body = await response.text();
    assert.equal(response.status, 200, `${address}: ${body}`);
    return JSON.parse(body.replace(/("(?:revenue|averageOrderValue)":)(-?[0-9.]+)/g, '$1"$2"'));
}

const addressOf = (page, report) =>
    page.locator(`.card[data-report="${report}"]`).getAttribute("data-address");

const total = async (page, id) => plain(await page.locator(`#total-${id}`).innerText());

async function rows(page, report) {
    const lines = await page.locator(`.card[data-report="${report}"] tbody tr`).all();
    const cells = lines.map(async (line) => ({
        key: await line.locator(".pick").evaluate((pick) => pick.dataset.value ?? null),
        figures: (await line.locator("td").allTextContents()).map(plain),
    }));
    return new Map((await Promise.all(cells)).map(({ key, figures }) => [key, figures]));
}

/** Fails unless all that is shown equals the API's answers; gives the totals. */
export async function expectSameFigures(page, origin) {
    const events = await ask(origin, await addressOf(page, "events"));
    assert.equal(await total(page, "events"), String(events.count));
    const legend = await page.locator(".legend li:not(.stage) b").allTextContents();
    const counts = events.groups.map((group) => group.count).filter((count) => count > 0);
    const descending = (list) => list.map(Number).sort((a, b) => b - a);
    assert.deepEqual(descending(legend.map(plain)), descending(counts));

    const revenue = await ask(origin, await addressOf(page, "revenue"));
    assert.equal(await total(page, "revenue"), revenue.revenue);
    assert.equal(await total(page, "orders"), String(revenue.transactions));
    assert.equal(await total(page, "average"), revenue.averageOrderValue ?? "–");

    const campaigns = await ask(origin, await addressOf(page, "campaigns"));
    const shown = await rows(page, "campaigns");
    if (campaigns.groups.length > 0) assert.equal(shown.size, campaigns.groups.length);
    for (const { campaignId, revenue: sum, transactions, averageOrderValue } of campaigns.groups) {
        const figures = [sum, String(transactions), averageOrderValue];
        assert.deepEqual(shown.get(campaignId), figures, campaignId);
    }

    const { userCount } = await ask(origin, await addressOf(page, "users"));
    assert.equal(await total(page, "users"), String(userCount));
    for (const key of ["gender", "ageGroup", "country", "city", "device", "followersGroup"]) {
        const users = await ask(origin, await addressOf(page, key));
        assert.equal(users.userCount, userCount, key);
        const bars = await rows(page, key);
        assert.equal(bars.size, users.groups.length, key);
        for (const group of users.groups) {
            assert.equal(
                bars.get(group[key])?.[0],
                String(group.userCount),
                `${key} ${group[key]}`,
            );
        }
    }
    return { events: events.count, revenue: revenue.revenue, users: await total(page, "users") };
}
