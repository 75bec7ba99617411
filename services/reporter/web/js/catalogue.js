// What kinds of events there are. The order is the order of stacking, from the base: the end of
// the funnel first, since its changes matter most and a flat base shows them best.

const FACEBOOK = "facebook";
const TIKTOK = "tiktok";

/** Each type has a place in its funnel stage's family of colours: warm for bottom, cool for top. */
export const EVENT_TYPES = [
    { name: "checkout.complete", stage: "bottom", sources: [FACEBOOK], label: "Checkout complete" },
    { name: "purchase", stage: "bottom", sources: [TIKTOK], label: "Purchase" },
    { name: "form.submission", stage: "bottom", sources: [FACEBOOK], label: "Form submission" },
    { name: "ad.click", stage: "bottom", sources: [FACEBOOK], label: "Ad click" },
    { name: "profile.visit", stage: "bottom", sources: [TIKTOK], label: "Profile visit" },
    { name: "follow", stage: "bottom", sources: [TIKTOK], label: "Follow" },
    { name: "ad.view", stage: "top", sources: [FACEBOOK], label: "Ad view" },
    { name: "video.view", stage: "top", sources: [FACEBOOK, TIKTOK], label: "Video view" },
    { name: "page.like", stage: "top", sources: [FACEBOOK], label: "Page like" },
    { name: "like", stage: "top", sources: [TIKTOK], label: "Like" },
    { name: "comment", stage: "top", sources: [FACEBOOK, TIKTOK], label: "Comment" },
    { name: "share", stage: "top", sources: [TIKTOK], label: "Share" },
].map((type, index, all) => ({
    ...type,
    shade: all.slice(0, index).filter((other) => other.stage === type.stage).length + 1,
}));

export const DEVICES = [
    { name: "mobile", sources: [FACEBOOK], label: "Mobile (Facebook)" },
    { name: "desktop", sources: [FACEBOOK], label: "Desktop (Facebook)" },
    { name: "Android", sources: [TIKTOK], label: "Android (TikTok)" },
    { name: "iOS", sources: [TIKTOK], label: "iOS (TikTok)" },
    { name: "Desktop", sources: [TIKTOK], label: "Desktop (TikTok)" },
];

/** The types that a source and a stage ("" for any) leave over. */
export const typesOf = (source, stage) =>
    EVENT_TYPES.filter(
        (type) => (!source || type.sources.includes(source)) && (!stage || type.stage === stage),
    );

export const devicesOf = (source) =>
    DEVICES.filter((device) => !source || device.sources.includes(source));

export const typeLabel = (name) => EVENT_TYPES.find((type) => type.name === name)?.label ?? name;

export const deviceLabel = (name) => DEVICES.find((device) => device.name === name)?.label ?? name;
