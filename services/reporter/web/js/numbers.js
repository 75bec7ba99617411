// A chart's figures as a table: for those who can't see it, and for those who want the numbers.

import { header, make } from "./dom.js";

const MOST_ROWS = 400;

/** `table()` gives { columns: [text], rows: [[text]] }, newest first; asked only while it is open. */
export function numbersTable(container, table) {
    const scroll = make("div", { tabIndex: 0 });
    const details = make(
        "details",
        { className: "numbers" },
        make("summary", {}, "Show the numbers"),
        scroll,
    );
    container.after(details);

    function fill() {
        if (!details.open) return;
        const { columns, rows } = table();
        const head = make("thead", {}, make("tr", {}, ...columns.map((column) => header(column))));
        const body = make("tbody");
        for (const [name, ...values] of rows.slice(0, MOST_ROWS)) {
            body.append(
                make(
                    "tr",
                    {},
                    header(name, "row"),
                    ...values.map((value) => make("td", {}, value)),
                ),
            );
        }
        const { scrollTop } = scroll;
        scroll.replaceChildren(make("table", {}, head, body));
        scroll.scrollTop = scrollTop;
    }

    details.addEventListener("toggle", fill);
    return fill;
}
