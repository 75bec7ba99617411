"""Events as two shops may have them in a week and a day: few at night, most in the evening, a sale in the last hours.
The same seed makes the same events; times end with now."""

import datetime
import math
import random

NAMES = ("Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia", "Alan", "Margaret")
PLACES = {("Germany", "Berlin"): 9, ("Germany", "Hamburg"): 6, ("France", "Lyon"): 5, ("Spain", "Sevilla"): 4,
          ("Poland", "Gdańsk"): 4, ("Italy", "Torino"): 3, ("Netherlands", "Utrecht"): 3, ("Sweden", "Malmö"): 2}
CAMPAIGNS = {"winter-sale": 9, "new-in-store": 7, "free-shipping": 6, "bring-a-friend": 4, "last-chance": 4,
             "gift-guide": 3, "newsletter": 2, "early-birds": 2}
FACEBOOK = {("top", "ad.view"): 40, ("top", "video.view"): 16, ("top", "page.like"): 9, ("top", "comment"): 4,
            ("bottom", "ad.click"): 14, ("bottom", "form.submission"): 4, ("bottom", "checkout.complete"): 5}
TIKTOK = {("top", "video.view"): 45, ("top", "like"): 20, ("top", "share"): 6, ("top", "comment"): 6,
          ("bottom", "profile.visit"): 8, ("bottom", "follow"): 4, ("bottom", "purchase"): 3}
ITEMS = ("Ring light", "Yoga mat", "Phone case", "Water bottle")


def one_of(chance, weights):
    return chance.choices(list(weights), list(weights.values()))[0]


def amount(chance):
    return f"{chance.lognormvariate(3.6, 0.6):.2f}"


def facebook(chance, stage, kind, when):
    number = chance.randrange(6_000)
    of_user = random.Random(number)
    country, city = one_of(of_user, PLACES)
    user = {"userId": f"fb-user-{number}", "name": of_user.choice(NAMES),
            "age": min(90, max(13, round(of_user.gauss(34, 11)))),
            "gender": one_of(of_user, {"female": 11, "male": 9, "non-binary": 1}),
            "location": {"country": country, "city": city}}
    if stage == "top":
        return user, {"actionTime": when, "referrer": chance.choice(("newsfeed", "marketplace", "groups")),
                      "videoId": f"video-{chance.randrange(40)}" if kind == "video.view" else None}
    return user, {"adId": f"ad-{chance.randrange(30)}", "campaignId": one_of(chance, CAMPAIGNS),
                  "clickPosition": chance.choice(("top_left", "bottom_right", "center")),
                  "device": one_of(chance, {"mobile": 3, "desktop": 1}),
                  "browser": one_of(chance, {"Chrome": 6, "Safari": 3, "Firefox": 2}),
                  "purchaseAmount": amount(chance) if kind == "checkout.complete" else None}


def tiktok(chance, stage, kind, when):
    number = chance.randrange(9_000)
    followers = round(random.Random(number).lognormvariate(5.5, 2))
    user = {"userId": f"ttk-user-{number}", "username": f"user{number}", "followers": followers}
    if stage == "top":
        return user, {"watchTime": chance.randrange(180), "percentageWatched": chance.randrange(101),
                      "device": one_of(chance, {"Android": 5, "iOS": 4, "Desktop": 1}),
                      "country": one_of(chance, PLACES)[0], "videoId": f"video-{chance.randrange(40)}"}
    bought = kind == "purchase"
    return user, {"actionTime": when, "profileId": None if bought else f"profile-{chance.randrange(40)}",
                  "purchasedItem": chance.choice(ITEMS) if bought else None,
                  "purchaseAmount": amount(chance) if bought else None}


def events_in(moment, now):
    """How many an hour has, in the time zone that the pictures are of (an hour from UTC)."""
    local = (moment.hour + 1) % 24
    daily = 1.05 + math.sin((local - 14) / 24 * 2 * math.pi) + 0.35 * math.sin((local - 9) / 12 * 2 * math.pi)
    sale = 1.6 if now - datetime.timedelta(hours=9) < moment else 1
    return round(40 + 260 * max(0, daily) * sale)


def events(now, seed=1):
    """An iterator of all of them, oldest first."""
    chance = random.Random(seed)
    serial = 0
    for hours in range(8 * 24, -1, -1):
        start = (now - datetime.timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
        span = min(3600.0, (now - start).total_seconds())
        for offset in sorted(chance.random() for _ in range(round(events_in(start, now) * span / 3600))):
            serial += 1
            when = (start + datetime.timedelta(seconds=offset * span)).isoformat(timespec="milliseconds")
            source, kinds, data_of = (("facebook", FACEBOOK, facebook) if chance.random() < 0.6
                                      else ("tiktok", TIKTOK, tiktok))
            stage, kind = one_of(chance, kinds)
            user, engagement = data_of(chance, stage, kind, when)
            yield {"eventId": f"{source}-{serial}", "timestamp": when, "source": source, "funnelStage": stage,
                   "eventType": kind, "data": {"user": user, "engagement": engagement}}
