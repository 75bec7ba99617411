"""Each alert can be understood and is tested: it has a severity, its sentences and a runbook page,
a test in which it fires and one in which it does not. Each page has an alert, and each recording
rule a test. Each metric that a rule reads is one that a daemon exports: a rule on a name that is
mistyped would be silent for ever. Prints every gap, and exits with 1 when there is one.
"""

import pathlib
import re
import sys

import yaml

PROJECT = pathlib.Path(__file__).resolve().parents[2]
RULES = PROJECT / "deploy/prometheus/rules"
RUNBOOKS = PROJECT / "docs/runbooks"
SEVERITIES = {"critical", "warning", "info"}
CHAPTERS = ["Means", "The customer sees", "Look", "Usual causes", "Mend", "Over when"]

FUNCTIONS = {"histogram_quantile", "label_replace", "last_over_time", "min_over_time", "group_left", "predict_linear"}

gaps = []


def require(condition, gap):
    if not condition:
        gaps.append(gap)


def rules(file):
    groups = yaml.safe_load((RULES / file).read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def check_alert(alert, tested):
    name = alert["alert"]
    severity = alert.get("labels", {}).get("severity")
    annotations = alert.get("annotations", {})
    require(severity in SEVERITIES, f"{name}: severity {severity}")
    require(annotations.get("summary", "").endswith("."), f"{name}: no summary that is a sentence")
    require(annotations.get("description"), f"{name}: no description")
    require(annotations.get("runbook_url") == f"docs/runbooks/{name}.md",
            f"{name}: runbook_url {annotations.get('runbook_url')}")
    require((name, severity) in tested["firing"], f"{name}, {severity}: no test in which it fires")
    require(name in tested["silent"], f"{name}: no test in which it is silent")


def check_page(page, names):
    require(page.stem in names, f"{page.name}: no such alert")
    text = page.read_text()
    chapters = re.findall(r"^## (.*)$", text, re.MULTILINE)
    require(text.startswith(f"# {page.stem}\n"), f"{page.name}: its title is not the alert")
    require(chapters == CHAPTERS, f"{page.name}: chapters {chapters}, not {CHAPTERS}")
    require(f"]({page.name})" in (RUNBOOKS / "README.md").read_text(),
            f"{page.name}: not in docs/runbooks/README.md")


def metrics(expression):
    """The names of the series that it reads, of histograms their stem."""
    bare = re.sub(r'"[^"]*"|#.*', "", expression)
    bare = re.sub(r"\{[^}]*\}|\b(by|on|group_left)\s*\([^)]*\)", "", bare)
    names = {name for name in re.findall(r"[a-zA-Z_][\w:]*", bare) if "_" in name or ":" in name}
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in names - FUNCTIONS}


def check_metrics(rule, recorded, sources):
    for name in sorted(metrics(rule["expr"])):
        require(name in recorded or f'"{name}"' in sources,
                f"{rule.get('alert') or rule['record']}: no daemon exports {name}")


def read_sources():
    files = [file for folder in ("libs", "services") for file in (PROJECT / folder).rglob("*.cpp")]
    return "".join(file.read_text() for file in files)


def read_tests():
    tested = {"firing": set(), "silent": set(), "expressions": ""}
    for file in sorted(pathlib.Path(__file__).parent.glob("*.test.yml")):
        for test in yaml.safe_load(file.read_text())["tests"]:
            for case in test.get("alert_rule_test", []):
                for alert in case["exp_alerts"]:
                    tested["firing"].add((case["alertname"], alert["exp_labels"]["severity"]))
                if not case["exp_alerts"]:
                    tested["silent"].add(case["alertname"])
            for case in test.get("promql_expr_test", []):
                if case["exp_samples"]:
                    tested["expressions"] += case["expr"] + "\n"
    return tested


def main():
    tested = read_tests()
    alerts = rules("alerts.yml")
    names = {alert["alert"] for alert in alerts}
    pages = [page for page in sorted(RUNBOOKS.glob("*.md")) if page.stem != "README"]
    for alert in alerts:
        check_alert(alert, tested)
    for page in pages:
        check_page(page, names)
    for name in sorted(names - {page.stem for page in pages}):
        gaps.append(f"{name}: no page in docs/runbooks")
    recorded = rules("recording.yml") + rules("original.yml")
    recorded_names = {rule["record"] for rule in recorded}
    sources = read_sources()
    for rule in recorded + alerts:
        check_metrics(rule, recorded_names, sources)
    for rule in recorded:
        named = re.search(rf"(?<![\w:]){re.escape(rule['record'])}(?![\w:])", tested["expressions"])
        require(named, f"{rule['record']}: no test that expects a value")
    print("\n".join(gaps) or f"{len(alerts)} alerts, {len(pages)} pages: nothing is missing")
    return 1 if gaps else 0


sys.exit(main())
