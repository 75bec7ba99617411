// What lies under the pointer, beside it; the charts' table of numbers has the same for everybody.

import { header, make } from "./dom.js";

/** `describe(index)` gives { title, rows: [{ label, value, colour, sum }] }. */
export function tooltip(describe) {
    const box = make("div", { className: "tooltip", hidden: true });

    function fill(index) {
        const { title, rows } = describe(index);
        const table = make("table", {}, make("caption", {}, title));
        for (const row of rows) {
            const name = header(row.label, "row");
            if (row.colour) {
                const swatch = make("span", { className: "swatch" });
                swatch.style.setProperty("--swatch", row.colour);
                name.prepend(swatch);
            }
            table.append(
                make("tr", { className: row.sum ? "sum" : "" }, name, make("td", {}, row.value)),
            );
        }
        box.replaceChildren(table);
    }

    function place(u) {
        const { left, idx } = u.cursor;
        box.hidden = left < 0 || idx === null || idx === undefined;
        if (box.hidden) return;
        fill(idx);
        const plot = u.over.getBoundingClientRect();
        const root = u.root.getBoundingClientRect();
        const at = plot.left - root.left + left;
        const flipped = at + 16 + box.offsetWidth > root.width;
        box.style.left = `${Math.max(0, flipped ? at - 16 - box.offsetWidth : at + 16)}px`;
    }

    return { hooks: { init: (u) => u.root.append(box), setCursor: place } };
}
