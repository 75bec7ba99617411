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

const monthYear = format({ month: "long", year: "numeric" });

const days = new Intl.DateTimeFormat(undefined, {
    day: "numeric",
    month: "short",
    year: "numeric",
});

/** "16 – 22 Nov 2026" */
export const dayRange = (from, to) => days.formatRange(from, to);

const DAY = 86_400_000;

/** A bucket's name, e.g. "Sun, 22 Nov 2026, 14:00 – 15:00"; `step` is about its length. */
export function bucketName(start, step) {
    if (step > 7 * DAY) return monthYear(start);
    if (step > DAY) return dayRange(start, start + step - DAY / 2); // clocks may change meanwhile
    const day = weekday(start);
    return step === DAY ? day : `${day}, ${clock(start)} – ${clock(start + step)}`;
}

const isMidnight = (time) => new Date(time).toTimeString().startsWith("00:00:00");

/** A moment; of a day's beginning the day. */
export const dayOrMoment = (time) => (isMidnight(time) ? dayMonthYear(time) : moment(time));

export function windowName({ from, to }) {
    if (from === null && to === null) return "Everything stored";
    if (from === null) return `Until ${moment(to)}`;
    if (to === null) return `Since ${dayOrMoment(from)}`;
    if (isMidnight(from) && isMidnight(to + 1))
        return to - from < 1.5 * DAY ? weekday(from) : dayRange(from, to);
    const isBeforeMinute = (to + 1) % 60_000 === 0;
    return `${moment(from)} – ${moment(isBeforeMinute ? to + 1 : to)}`;
}
