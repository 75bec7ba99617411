// Times as a reader in the browser's zone wants them.

const format = (options) => {
    const formatter = new Intl.DateTimeFormat(undefined, options);
    return (time) => formatter.format(time);
};

export const clock = format({ hour: "2-digit", minute: "2-digit" });
export const clockSeconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const dayMonth = format({ day: "numeric", month: "short" });
export const dayMonthYear = format({ day: "numeric", month: "short", year: "numeric" });
export const weekday = format({
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
});
export const moment = format({ dateStyle: "medium", timeStyle: "short" });

/** A bucket's name, e.g. "Sun, 22 Nov 2026, 14:00 – 15:00". */
export function bucketName(start, step) {
    const day = weekday(start);
    if (step >= 86_400_000) return day;
    return `${day}, ${clock(start)} – ${clock(start + step)}`;
}

export function windowName({ from, to }) {
    if (from === null && to === null) return "Everything stored";
    if (from === null) return `Until ${moment(to)}`;
    if (to === null) return `Since ${moment(from)}`;
    return `${moment(from)} – ${moment(to)}`;
}
