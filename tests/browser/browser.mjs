// A Chromium that keeps to itself, and a page that remembers what went wrong on it.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const ARGUMENTS = [
    "--no-sandbox", // Chromium refuses its sandbox to root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/** Opens a page with these options, runs `use(page, troubles)`, closes everything. */
export async function withPage(origin, { args = [], ...options }, use) {
    const profile = await mkdtemp(join(tmpdir(), "browser-test-"));
    const context = await chromium.launchPersistentContext(profile, {
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: [...ARGUMENTS, ...args],
        headless: true,
        baseURL: origin,
        locale: "en-GB",
        timezoneId: "Europe/Berlin",
        viewport: { width: 1280, height: 900 },
        ...options,
    });
    try {
        const troubles = { console: [], foreign: [], policy: [] };
        const page = await context.newPage();
        page.setDefaultTimeout(30_000);
        page.on("console", (message) => {
            if (message.type() === "error") troubles.console.push(message.text());
        });
        page.on("pageerror", (error) => troubles.console.push(String(error.stack)));
        page.on("request", (request) => {
            const { protocol, origin: asked } = new URL(request.url());
            if (protocol.startsWith("http") && asked !== origin)
                troubles.foreign.push(request.url());
        });
        await page.exposeFunction("reportViolation", (text) => troubles.policy.push(text));
        await page.addInitScript(() => {
            document.addEventListener("securitypolicyviolation", (event) =>
                window.reportViolation(
                    `${event.violatedDirective}: ${event.blockedURI} ${event.sample}`,
                ),
            );
        });
        await use(page, troubles);
    } finally {
        // What a test answers itself may be under way still.
        for (const page of context.pages().filter((each) => !each.isClosed())) {
            await page.unrouteAll({ behavior: "ignoreErrors" }).catch(() => {});
        }
        await context.close();
        await rm(profile, { recursive: true, force: true });
    }
}

export const NO_TROUBLES = { console: [], foreign: [], policy: [] };

/** Waits until every card has shown an answer to what was asked for last. */
export async function settled(page) {
    await page.waitForFunction(
        () =>
            document.querySelectorAll("[data-report][data-address]").length > 0 &&
            !document.querySelector("[data-report][aria-busy], [data-report]:not([data-filled])"),
    );
}

/** Opens an address and holds the figures still. */
export async function open(page, address) {
    await page.goto(address);
    await settled(page);
    await page.getByRole("button", { name: "Pause" }).click();
}

export async function noSidewaysScroll(page) {
    const { content, window: width } = await page.evaluate(() => ({
        content: document.documentElement.scrollWidth,
        window: innerWidth,
    }));
    assert.ok(content <= width, `the content is ${content} wide, the window ${width}`);
}
