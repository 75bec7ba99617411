// Users by a key, as a table whose rows have bars; a row is a button that filters by its value.

import { choiceLabel } from "./catalogue.js";
import { header, make, replaceIfChanged } from "./dom.js";
import { formatCount, formatShare, ratio } from "./exact.js";

const TITLES = {
    gender: "Gender",
    ageGroup: "Age",
    country: "Country",
    city: "City",
    device: "Device",
    followersGroup: "Followers",
};

/** "1000-9999" -> ["1000", "9999"], "65+" -> ["65", ""]. */
const bounds = (group) => (group.endsWith("+") ? [group.slice(0, -1), ""] : group.split("-"));

function boundsLabel(group) {
    const [min, max] = bounds(group).map((text) => text && formatCount(text));
    return max ? `${min} – ${max}` : `${min} and more`;
}

const LABELS = {
    gender: (value) => choiceLabel("gender", value),
    ageGroup: boundsLabel,
    country: (value) => value,
    city: (value) => value,
    device: (value) => choiceLabel("device", value),
    followersGroup: boundsLabel,
};

/** The filters that a row stands for. */
function patchOf(key, value) {
    if (key === "ageGroup" || key === "followersGroup") {
        const stem = key.replace("Group", "");
        const [min, max] = bounds(value);
        return { [`${stem}Min`]: min, [`${stem}Max`]: max };
    }
    return { [key]: value };
}

/** Groups of numbers in their own order, the others as the API orders; what is not known last. */
function ordered(key, groups) {
    const byNumber = key === "ageGroup" || key === "followersGroup";
    const place = ({ [key]: value }) =>
        value === null ? Infinity : byNumber ? Number(bounds(value)[0]) : 0;
    return [...groups].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}

/** The largest user count, as text. */
const largest = (groups) =>
    groups.map((group) => group.userCount).reduce((a, b) => (BigInt(b) > BigInt(a) ? b : a), "1");

const fills = (patch, state) =>
    Object.entries(patch).every(([name, value]) => state[name] === value);

/** `choose(patch)` is called with the filters that a chosen row stands for. */
export function userBars(body, key, choose) {
    let state = {};
    body.addEventListener("click", (event) => {
        const value = event.target.closest("button.pick")?.dataset.value;
        if (value === undefined) return;
        const patch = patchOf(key, value);
        const off = fills(patch, state);
        choose(
            Object.fromEntries(
                Object.entries(patch).map(([name, text]) => [name, off ? "" : text]),
            ),
        );
    });

    function row(group, most, total) {
        const value = group[key];
        const name =
            value === null
                ? make("span", { className: "pick" }, "Not known")
                : make(
                      "button",
                      { type: "button", className: "pick", title: LABELS[key](value) },
                      LABELS[key](value),
                  );
        if (value !== null) {
            name.dataset.value = value;
            name.setAttribute("aria-pressed", String(fills(patchOf(key, value), state)));
        }
        name.style.setProperty("--share", `${ratio(group.userCount, most) * 100}%`);
        const cells = [formatCount(group.userCount), formatShare(group.userCount, total)];
        return make(
            "tr",
            {},
            make("th", { scope: "row" }, name),
            ...cells.map((cell) => make("td", {}, cell)),
        );
    }

    return (answer, next) => {
        state = next;
        const groups = ordered(key, answer.groups);
        const most = largest(groups.filter((group) => group[key] !== null));
        const head = make(
            "thead",
            {},
            make("tr", {}, header(TITLES[key]), header("Users"), header("Share")),
        );
        const rows = make(
            "tbody",
            {},
            ...groups.map((group) => row(group, most, answer.userCount)),
        );
        const more = answer.truncated
            ? make("p", { className: "more" }, `The first ${groups.length}; there are more.`)
            : null;
        replaceIfChanged(body, [make("table", { className: "rows bars" }, head, rows), more]);
    };
}
