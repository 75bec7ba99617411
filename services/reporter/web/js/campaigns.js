// The campaigns with the most revenue; a row filters the revenue by its campaign.

import { header, make, replaceIfChanged } from "./dom.js";
import { formatCount, formatMoney, ratio } from "./exact.js";

const COLUMNS = ["Campaign", "Revenue", "Orders", "Average"];

const cents = (amount) => amount.replace(".", "");

export function campaignTable(body, choose) {
    let chosen = "";
    body.addEventListener("click", (event) => {
        const campaign = event.target.closest("button.pick")?.dataset.value;
        if (campaign !== undefined) choose({ campaignId: campaign === chosen ? "" : campaign });
    });

    function row(group, most) {
        const id = group.campaignId;
        const name = id
            ? make("button", { type: "button", className: "pick", title: id }, id)
            : make(
                  "span",
                  { className: "pick" },
                  id === null ? "Without a campaign" : "(empty name)",
              );
        if (id) {
            name.dataset.value = id;
            name.setAttribute("aria-pressed", String(id === chosen));
        }
        name.style.setProperty("--share", `${ratio(cents(group.revenue), cents(most)) * 100}%`);
        const cells = [
            formatMoney(group.revenue),
            formatCount(group.transactions),
            formatMoney(group.averageOrderValue),
        ];
        return make(
            "tr",
            {},
            make("th", { scope: "row" }, name),
            ...cells.map((cell) => make("td", {}, cell)),
        );
    }

    return (answer, state) => {
        chosen = state.campaignId;
        const known = answer.groups.filter((group) => group.campaignId !== null);
        const others = answer.groups.filter((group) => group.campaignId === null);
        const most = known[0]?.revenue ?? others[0].revenue;
        const head = make("thead", {}, make("tr", {}, ...COLUMNS.map((column) => header(column))));
        const rows = make("tbody", {}, ...[...known, ...others].map((group) => row(group, most)));
        const more = answer.truncated
            ? make("p", { className: "more" }, `The first ${answer.groups.length}; there are more.`)
            : null;
        replaceIfChanged(body, [make("table", { className: "rows campaigns" }, head, rows), more]);
    };
}
