# What scripts/up shows while it runs, and how it minds the processes. Sourced by up.
# shellcheck shell=bash

metrics_of() { curl -fs --noproxy '*' --max-time 1 "http://127.0.0.1:${port[$1]}/metrics" || true; }

# sum NAME: adds up the metric's series in the exposition on standard input; nothing if none.
sum() {
  awk -v name="$1" '
    index($0, name "{") == 1 || index($0, name " ") == 1 { total += $NF; seen = 1 }
    END { if (seen) printf "%.0f\n", total }'
}

# rate NOW BEFORE MICROSECONDS: a second, or "-" where one of the two is not known.
rate() {
  if [[ -z $1 || -z $2 ]] || (($1 < $2)); then
    printf -- '-'
  else
    printf '%d' $((($1 - $2) * 1000000 / $3))
  fi
}

declare -A failed_of=()  # by daemon, what it said last
failed_before=0          # what daemons had counted that have begun anew since

# count_failed NAME FIGURE: of a daemon that begins anew, its count begins at 0.
count_failed() {
  [[ -n $2 ]] || return 0
  local last=${failed_of[$1]:-0}
  if (($2 < last)); then failed_before=$((failed_before + last)); fi
  failed_of[$1]=$2
}

declare -A restarted_at=()

# mind NAME: starts it again when it failed, unless it had only just been started again.
mind() {
  local name=$1 code=0
  [[ -f $run/$name.pid ]] || return 0
  ! is_running "$name" || return 0
  rm -f "$run/$name.pid"
  exit_code "$name" || code=$?
  if ((code == 0)); then
    say "$name has ended"
    return
  fi
  say "$name ended by itself with code $code"
  last_words "$name" 2>&1
  if ((SECONDS - ${restarted_at[$name]:--60} < 10)); then
    say "$name ends again and again, so it is not started once more"
  else
    restarted_at[$name]=$SECONDS
    say "Starting $name again"
    start "$name"
  fi
}

watch() {
  local name text gateway stores now pause time=0 accepted='' stored='' failed='' backlog
  local -a last=('' '' '')
  local -i lines=0
  say "A line a second; Ctrl-C stops everything."
  while true; do
    for name in "${parts[@]}"; do mind "$name"; done
    now=${EPOCHREALTIME/[.,]/}
    gateway=$(metrics_of gateway)
    count_failed gateway "$(sum failed_events_total <<<"$gateway")"
    stores=''
    for name in "${collectors[@]}"; do
      text=$(metrics_of "$name")
      count_failed "$name" "$(sum failed_events_total <<<"$text")"
      stores+=$text$'\n'
    done
    accepted=$(sum accepted_events_total <<<"$gateway")
    stored=$(sum processed_events_total <<<"$stores")
    failed=$failed_before
    for name in "${!failed_of[@]}"; do failed=$((failed + failed_of[$name])); done
    backlog=$(sum consumer_pending_messages <<<"$stores")
    if ((time)); then
      ((lines++ % 20)) || printf '%8s  %12s  %10s  %18s  %8s  %12s\n' \
        time accepted/s stored/s 'backlog (messages)' failed/s 'failed so far'
      printf '%(%H:%M:%S)T  %12s  %10s  %18s  %8s  %12s\n' -1 \
        "$(rate "$accepted" "${last[0]}" $((now - time)))" \
        "$(rate "$stored" "${last[1]}" $((now - time)))" "${backlog:--}" \
        "$(rate "$failed" "${last[2]}" $((now - time)))" "${failed:--}"
    fi
    last=("$accepted" "$stored" "$failed") time=$now
    # To the next full second; in the background, since a trap waits for a foreground command.
    printf -v pause '0.%06d' $((1000000 - 10#${EPOCHREALTIME#*[.,]} - 1))
    sleep "$pause" &
    wait $! || true
  done
}
