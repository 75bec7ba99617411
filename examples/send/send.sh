#!/bin/sh
# Sends a file of events with curl: send.sh URL FILE
#
# Exit code: 0 all events are stored, 1 some are invalid, 2 it is not known that any is stored.
set -eu

url=$1 file=$2
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# --retry waits as long as Retry-After says, else 1, 2, 4... seconds. Without --fail a refusal such as
# 400 is no error to --retry-all-errors, which repeats what broke on the way.
status=$(gzip -c "$file" | curl --silent --show-error --output "$answer" --write-out '%{http_code}' \
  --connect-timeout 5 --max-time 30 \
  --retry 10 --retry-max-time 600 --retry-connrefused --retry-all-errors \
  --header 'Content-Type: application/json' --header 'Content-Encoding: gzip' \
  ${API_KEY:+--header "X-API-Key: $API_KEY"} \
  --data-binary @- "$url") || exit 2
cat "$answer"
echo
case $status in
  2?? | 422) grep -q '"failed":0' "$answer" || exit 1 ;;
  *) exit 2 ;;
esac
