#!/bin/bash
# What scripts/up makes of prometheus.yml is valid, has the rules, scrapes what runs here by its
# port and nothing else, and asks no DNS.
set -euo pipefail

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
# shellcheck source=scripts/parts.sh
source "$project/scripts/parts.sh"
launch() { :; } # nothing is started here

# expect LOAD TARGETS: with and without the publisher.
expect() {
  local load=$1 found
  start_prometheus
  promtool check config "$state/prometheus/prometheus.yml"
  grep -q "$project/deploy/prometheus/rules/" "$state/prometheus/prometheus.yml"
  if grep dns_sd_configs: "$state/prometheus/prometheus.yml"; then exit 1; fi
  found=$(grep -c '127.0.0.1:' "$state/prometheus/prometheus.yml")
  [[ $found == "$2" ]] || { echo "$found targets with load=$load, not $2"; exit 1; }
}

# Prometheus, the gateway, the reporter and the collectors.
expect no $((3 + ${#collectors[@]}))
expect yes $((4 + ${#collectors[@]}))
