#!/usr/bin/env bash
# A Redis Cluster of its own for tests, three masters with a replica each:
#   redis-cluster.sh start|stop DIR [PORT]   PORT is the first node's, then +1 … +5; the cluster's own ports are 10000 more
#   redis-cluster.sh kill DIR PORT N         a node's crash (kill -9), N from 0 to 5
# Listens on 127.0.0.1 only, keeps its data in DIR, and is stopped by the process ids it left there.
set -euo pipefail
usage='usage: redis-cluster.sh start|stop DIR [PORT] | kill DIR PORT N'
command=${1:?$usage}
dir=${2:?$usage}
port=${3:-6500}
here=$(cd "$(dirname "$0")" && pwd)
cli() { redis-cli -h 127.0.0.1 -p "$@" 2>/dev/null; }
running() { [ -s "$dir/$1/redis.pid" ] && kill -0 "$(cat "$dir/$1/redis.pid")" 2>/dev/null; }

case $command in
  start)
    bash "$here/redis.sh" install
    for n in 0 1 2 3 4 5; do
      mkdir -p "$dir/$n"
      running "$n" || redis-server --bind 127.0.0.1 --port "$((port + n))" --dir "$dir/$n" --pidfile "$dir/$n/redis.pid" \
        --daemonize yes --logfile "$dir/$n/redis.log" --appendonly yes --appendfsync everysec --save '' \
        --maxmemory-policy noeviction --cluster-enabled yes --cluster-node-timeout 2000 --cluster-replica-validity-factor 0
    done
    nodes=()
    for n in 0 1 2 3 4 5; do
      for _ in $(seq 100); do [ "$(cli "$((port + n))" ping)" = PONG ] && break || sleep 0.1; done
      nodes+=("127.0.0.1:$((port + n))")
    done
    redis-cli --cluster create "${nodes[@]}" --cluster-replicas 1 --cluster-yes >"$dir/create.log" 2>&1
    # A replica can take over only after its first copy.
    for _ in $(seq 300); do
      up=0
      for n in 0 1 2 3 4 5; do
        cli "$((port + n))" cluster info | grep -q cluster_state:ok || continue
        cli "$((port + n))" info replication | grep -qE 'master_link_status:up|connected_slaves:1' && up=$((up + 1))
      done
      [ "$up" = 6 ] && exit 0
      sleep 0.1
    done
    echo "the cluster on ports $port to $((port + 5)) did not come up: see $dir" >&2
    exit 1
    ;;
  kill) kill -KILL "$(cat "$dir/${4:?$usage}/redis.pid")" ;;
  stop)
    for n in 0 1 2 3 4 5; do running "$n" && kill -TERM "$(cat "$dir/$n/redis.pid")"; done
    for n in 0 1 2 3 4 5; do
      for _ in $(seq 100); do running "$n" && sleep 0.1 || break; done
      running "$n" && kill -KILL "$(cat "$dir/$n/redis.pid")"
    done
    exit 0
    ;;
  *)
    echo "$usage" >&2
    exit 2
    ;;
esac
