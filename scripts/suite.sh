# The suite on this machine: its parts, their ports, and the processes that run them. Sourced by
# up and down, after lib.sh. Everything it keeps is in the state folder, $state.
# shellcheck shell=bash

# Stopped in this order: first what makes work, last what keeps the data.
# shellcheck disable=SC2154  # collectors: lib.sh
stop_order=(publisher gateway "${collectors[@]}" reporter prometheus grafana nats postgres)

# use_state DIR: where data, logs and pid files are.
use_state() {
  state=$(realpath -m -- "$1")
  run=$state/run
}

# start_time PID: when the kernel started it, in ticks since the boot; nothing when it's gone.
# A process that ended and only waits to be collected is gone.
start_time() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra fields <<<"${stat##*) }" # past the name, which can hold anything
  [[ ${fields[0]} != Z ]] || return 1
  printf '%s\n' "${fields[19]}"
}

# A process is known by its id, its start and the boot, so that a recycled id is never taken for it.
identity() {
  local started
  started=$(start_time "$1") || return 1
  printf '%s %s %s\n' "$1" "$started" "$(</proc/sys/kernel/random/boot_id)"
}

remember() { identity "$2" >"$run/$1.pid"; } # NAME PID

# pid_of NAME: its process id if it runs, else false.
pid_of() {
  local pid known
  known=$(cat "$run/$1.pid" 2>/dev/null) || return 1
  pid=${known%% *}
  [[ -n $pid && $(identity "$pid") == "$known" ]] || return 1
  printf '%s\n' "$pid"
}

is_running() { pid_of "$1" >/dev/null; }

# ended NAME SECONDS: waits for its end; false when the time is over first.
ended() {
  local -i deadline=$((SECONDS + $2))
  while is_running "$1"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# stop NAME: asks it to end, waits, and insists when it doesn't.
stop() {
  local name=$1 pid soft=TERM hard=KILL patience=30
  pid=$(pid_of "$name") || { rm -f "$run/$name.pid"; return 0; }
  # PostgreSQL: INT ends the sessions and writes a checkpoint, QUIT leaves that to the next start.
  if [[ $name == postgres ]]; then soft=INT hard=QUIT patience=120; fi
  printf 'Stopping %s ... ' "$name"
  kill -s "$soft" "$pid" || { say "not possible"; return 1; }
  if ended "$name" "$patience"; then
    say "stopped"
  else
    kill -s "$hard" "$pid" 2>/dev/null || true
    ended "$name" 30 || { say "it does not end"; return 1; }
    say "ended by force after $patience s"
  fi
  rm -f "$run/$name.pid"
}

stop_all() {
  local name failed=0
  for name in "${stop_order[@]}"; do
    stop "$name" || failed=1
  done
  return "$failed"
}
