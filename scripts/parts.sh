# How each part of the suite is prepared, started and asked whether it's ready. Sourced by up, after
# lib.sh.
# shellcheck shell=bash

postgres_bin=/usr/lib/postgresql/15/bin

declare -A port=(
  [publisher]=${PUBLISHER_PORT:-3005}
  [gateway]=${GATEWAY_PORT:-3001}
  [reporter]=${REPORTER_PORT:-3004}
  [nats]=${NATS_PORT:-4222}
  [nats-monitor]=${NATS_MONITOR_PORT:-8222}
  [postgres]=${POSTGRES_PORT:-5432}
  [prometheus]=${PROMETHEUS_PORT:-9090}
  [grafana]=${GRAFANA_PORT:-3000}
)

# port_variable NAME: what sets its port.
port_variable() {
  local name=${1^^}
  printf '%s_PORT\n' "${name//-/_}"
}

# shellcheck disable=SC2154  # collectors, default_port: lib.sh
for collector in "${collectors[@]}"; do
  variable=$(port_variable "$collector")
  port[$collector]=${!variable:-${default_port[$collector]}}
done

nats_url=nats://127.0.0.1:${port[nats]}
database_url=postgresql://postgres@127.0.0.1:${port[postgres]}/events

# The suite's own servers decide, not what the caller's shell has for libpq.
unset "${!PG@}" || true

# PostgreSQL refuses to be root; everything else runs as the caller.
as_postgres=()
if ((EUID == 0)); then
  as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups --)
fi

declare -A launched=() # process ids, also of those that have ended

# launch NAME COMMAND...: in a session of its own, so that the terminal's signals pass it by.
launch() {
  local name=$1 log=$state/log/$1.log
  shift
  if [[ -f $log && $(stat -c %s "$log") -gt $((50 << 20)) ]]; then mv -f "$log" "$log.1"; fi
  (cd / && exec setsid "$@") >>"$log" 2>&1 </dev/null 9>&- &
  launched[$name]=$!
  remember "$name" $! || true # it may have ended already, which whoever awaits it sees
}

# exit_code NAME: of a part that was launched here and has ended.
exit_code() {
  local code=0
  wait "${launched[$1]}" || code=$?
  return "$code"
}

# daemon NAME VARIABLE=VALUE...
daemon() {
  local name=$1
  shift
  launch "$name" env HOST=127.0.0.1 PORT="${port[$name]}" "$@" "$project/build/release/bin/$name"
}

# prepare_postgres: makes the cluster at the first time, where the server's user can reach it.
prepare_postgres() {
  local link=$state/postgres outside
  if [[ ! -e $link ]]; then
    mkdir "$link"
    if ((EUID == 0)); then
      chown postgres: "$link"
      if ! "${as_postgres[@]}" test -w "$link"; then
        rmdir "$link"
        outside=/var/lib/events-handler/$(sha256sum <<<"$state" | cut -c 1-12)/postgres
        (umask 022 && mkdir -p "${outside%/*}")
        [[ ! -s $outside/PG_VERSION ]] || say "Found this folder's earlier database; it is used again."
        install -d -o postgres -g postgres -m 0700 "$outside"
        ln -s "$outside" "$link"
        say "The user postgres can't reach $state: the database is in $outside."
      fi
    fi
  fi
  data=$(realpath "$link")
  if [[ ! -s $data/PG_VERSION ]]; then
    say "Making the database cluster in $data"
    (cd / && "${as_postgres[@]}" "$postgres_bin/initdb" --pgdata "$data" --username postgres \
      --auth trust --encoding UTF8 --locale C.UTF-8 --data-checksums) >>"$state/log/initdb.log" 2>&1 ||
      { tail -n 5 "$state/log/initdb.log" >&2; die "could not make the database cluster"; }
  fi
}

start_postgres() {
  # It listens on the loopback address only and has no socket; who is on this machine is trusted.
  "${as_postgres[@]}" tee "$data/postgresql.conf" <"$project/deploy/postgres/postgresql.conf" >/dev/null
  launch postgres "${as_postgres[@]}" "$postgres_bin/postgres" -D "$data" \
    -c listen_addresses=127.0.0.1 -c port="${port[postgres]}" -c unix_socket_directories=
}

make_database() {
  local psql=("$postgres_bin/psql" -X -q -A -t -h 127.0.0.1 -p "${port[postgres]}" -U postgres)
  [[ $("${psql[@]}" postgres -c "SELECT 1 FROM pg_database WHERE datname = 'events'") == 1 ]] ||
    "${psql[@]}" postgres -c "CREATE DATABASE events"
  set_former_database_aside
  # The role of Grafana's dashboards. Like everybody here it needs no password.
  "${psql[@]}" events -v own_database=on -v database_schema="${DATABASE_SCHEMA:-events}" \
    -f "$project/deploy/postgres/reader.sql" >>"$state/log/reader.log" 2>&1 ||
    { tail -n 5 "$state/log/reader.log" >&2; die "could not make the role events_reader"; }
}

# set_former_database_aside: this version can't take over the tables of those before column segments.
set_former_database_aside() {
  local former answer=n aside
  former=$("${psql[@]}" events -c "SELECT to_regclass('public.schema_migrations') IS NOT NULL
    AND EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '%\_events')")
  if [[ $former != t ]]; then return; fi
  aside=events_former_$(date -u +%Y%m%d_%H%M%S)
  if [[ ${start_anew:-no} == yes ]]; then
    answer=y
  elif [[ -t 0 ]]; then
    say "The database holds the tables of a former version, which this one can't take over."
    read -rp "Start anew with an empty one? The former one stays, as $aside. [y/N] " answer
  fi
  [[ $answer == [yY]* ]] ||
    die "the database is a former version's: --start-anew starts with an empty one and keeps it, as $aside (docs/upgrading.md)"
  "${psql[@]}" postgres -c "ALTER DATABASE events RENAME TO $aside" -c "CREATE DATABASE events"
  say "The former database is $aside now; docs/upgrading.md tells how to copy its rows."
}

start_nats() {
  mkdir -p "$state/nats"
  # Debian's 2.9.10 doesn't know sync_interval.
  sed -e "s|^listen: .*|listen: 127.0.0.1:${port[nats]}|" \
    -e "s|^http: .*|http: 127.0.0.1:${port[nats-monitor]}|" \
    -e "s|store_dir: .*|store_dir: \"$state/nats\"|" \
    -e '/^ *sync_interval:/d' \
    "$project/deploy/nats/nats-server.conf" >"$state/nats/nats-server.conf"
  launch nats nats-server --config "$state/nats/nats-server.conf"
}

start_prometheus() {
  local name names=(gateway "${collectors[@]}" reporter)
  local places=(
    -e "s|127.0.0.1:9090|127.0.0.1:${port[prometheus]}|"
    -e "s|- rules/|- $project/deploy/prometheus/rules/|"
  )
  if [[ $load == yes ]]; then names+=(publisher); fi
  for name in "${names[@]}"; do
    places+=(-e "s|dns_sd_configs: .*names: \[$name\].*|static_configs: [{ targets: [\"127.0.0.1:${port[$name]}\"] }]|")
  done
  # What does not run here is not looked for: no name is asked of this machine's DNS.
  places+=(-e "s|dns_sd_configs: .*|static_configs: []|")
  mkdir -p "$state/prometheus"
  sed "${places[@]}" "$project/deploy/prometheus/prometheus.yml" >"$state/prometheus/prometheus.yml"
  launch prometheus prometheus --config.file="$state/prometheus/prometheus.yml" \
    --storage.tsdb.path="$state/prometheus/data" --storage.tsdb.retention.time=15d \
    --web.listen-address="127.0.0.1:${port[prometheus]}"
}

start_grafana() {
  launch grafana env GF_SERVER_HTTP_ADDR=127.0.0.1 GF_SERVER_HTTP_PORT="${port[grafana]}" \
    GF_PATHS_DATA="$state/grafana" GF_PATHS_LOGS="$state/grafana/log" \
    GF_PATHS_PLUGINS="$state/grafana/plugins" \
    GF_PATHS_PROVISIONING="$project/deploy/grafana/provisioning" \
    GF_AUTH_ANONYMOUS_ENABLED=true GF_ANALYTICS_REPORTING_ENABLED=false \
    GF_ANALYTICS_CHECK_FOR_UPDATES=false \
    PROMETHEUS_URL="http://127.0.0.1:${port[prometheus]}" \
    POSTGRES_ADDRESS="127.0.0.1:${port[postgres]}" POSTGRES_DATABASE=events \
    POSTGRES_SSLMODE=disable EVENTS_READER_PASSWORD="${EVENTS_READER_PASSWORD:-}" \
    DASHBOARDS_DIR="$project/deploy/grafana/dashboards" \
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH="$project/deploy/grafana/dashboards/overview.json" \
    grafana-server --homepath "${GRAFANA_HOME:-/usr/share/grafana}"
}

start_publisher() {
  if [[ $full_load == yes ]]; then # what the reference publisher does
    daemon publisher EVENT_ENDPOINT="http://127.0.0.1:${port[gateway]}/events" \
      MIN_EVENTS="${MIN_EVENTS:-1000}" MAX_EVENTS="${MAX_EVENTS:-50000}" \
      INTERVAL_MS="${INTERVAL_MS:-1000}" INVALID_RATIO="${INVALID_RATIO:-0.1}" RETRY="${RETRY:-off}"
  else
    daemon publisher EVENT_ENDPOINT="http://127.0.0.1:${port[gateway]}/events" \
      MIN_EVENTS="${MIN_EVENTS:-1500}" MAX_EVENTS="${MAX_EVENTS:-2500}" \
      INTERVAL_MS="${INTERVAL_MS:-1000}"
  fi
}

start() {
  case $1 in
    gateway) daemon gateway NATS_URL="$nats_url" SPOOL_DIR="${SPOOL_DIR:-$state/spool}" ;;
    *-collector) daemon "$1" NATS_URL="$nats_url" DATABASE_URL="$database_url" ;;
    reporter) daemon reporter DATABASE_URL="$database_url" ;;
    *) "start_$1" ;;
  esac
}

is_ready() {
  local path=/readiness at=${port[$1]}
  case $1 in
    postgres)
      "$postgres_bin/pg_isready" -q -h 127.0.0.1 -p "$at" -U postgres -d postgres
      return
      ;;
    nats) path=/healthz at=${port[nats-monitor]} ;;
    prometheus) path=/-/ready ;;
    grafana) path=/api/health ;;
  esac
  curl -fs -o /dev/null --noproxy '*' --max-time 2 "http://127.0.0.1:$at$path"
}

# await NAME: until it's ready; when it ends or takes too long, says so with its last words.
await() {
  local name=$1 patience=60
  # These two may have a lot to read first, after a power failure.
  case $name in postgres | nats) patience=300 ;; esac
  local -i deadline=$((SECONDS + patience))
  until is_ready "$name"; do
    if ! is_running "$name"; then
      if exit_code "$name"; then
        say "$name has ended" # a publisher that had only so many events to send
        return
      fi
      last_words "$name"
      die "$name ended instead of becoming ready"
    elif ((SECONDS >= deadline)); then
      last_words "$name"
      die "$name is not ready after $patience s"
    fi
    sleep 0.2
  done
  say "$name is ready"
}

last_words() {
  printf 'The last lines of %s:\n' "$state/log/$1.log" >&2
  tail -n 10 "$state/log/$1.log" >&2 || true
}
