// The page's pictures for the documents: node screenshots.mjs http://127.0.0.1:3004 docs/images

import { join } from "node:path";
import { settled, withPage } from "./browser.mjs";

const origin = new URL(process.argv[2]).origin;
const folder = process.argv[3];
const SIZES = { page: { width: 1280, height: 1250 }, phone: { width: 390, height: 844 } };

for (const [name, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
        await withPage(origin, { viewport, colorScheme, reducedMotion: "reduce" }, async (page) => {
            await page.goto("/?range=24h");
            await settled(page);
            await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
        });
    }
}
