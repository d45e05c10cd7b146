#!/usr/bin/env bash
# A Redis of its own for tests: redis.sh start|stop DIR [PORT], or redis.sh install
# Listens on 127.0.0.1 only, keeps its data in DIR, and is stopped by the process id it left there.
set -euo pipefail
usage='usage: redis.sh start|stop DIR [PORT] | install'
command=${1:?$usage}

install() {
  command -v redis-server >/dev/null && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo 'redis-server is not installed: install the package redis-server' >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends redis-server >/dev/null 2>&1 ||
    { apt-get update >/dev/null && apt-get install -y --no-install-recommends redis-server >/dev/null; }
}

if [ "$command" = install ]; then
  install
  exit 0
fi
dir=${2:?$usage}
port=${3:-6400}
pid_file=$dir/redis.pid

running() { [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; }

case $command in
  start)
    install
    mkdir -p "$dir"
    running && exit 0
    redis-server --bind 127.0.0.1 --port "$port" --dir "$dir" --pidfile "$pid_file" --daemonize yes --logfile "$dir/redis.log" \
      --appendonly yes --appendfsync everysec --save '' --maxmemory-policy noeviction
    for _ in $(seq 100); do
      [ "$(redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null)" = PONG ] && exit 0
      sleep 0.1
    done
    echo "redis on port $port did not start: see $dir/redis.log" >&2
    exit 1
    ;;
  stop)
    running || exit 0
    kill -TERM "$(cat "$pid_file")"
    for _ in $(seq 100); do
      running || exit 0
      sleep 0.1
    done
    kill -KILL "$(cat "$pid_file")"
    ;;
  *)
    echo "$usage" >&2
    exit 2
    ;;
esac
