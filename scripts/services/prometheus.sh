#!/usr/bin/env bash
# prometheus.sh              prints the path of promtool, after installing Debian's Prometheus where there is none
# prometheus.sh check        checks deploy/prometheus: the scrape configuration, the rules and the rules' tests
set -euo pipefail
here="$(cd "$(dirname "$0")/../../deploy/prometheus" && pwd)"
if ! command -v promtool >/dev/null; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    # Only promtool is wanted, so the package may not start a server of its own.
    {
      RUNLEVEL=1 apt-get install -y -qq --no-install-recommends prometheus ||
        { apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends prometheus; }
    } >&2
  fi
fi
promtool="$(command -v promtool)" || {
  echo "No promtool found. Install Prometheus." >&2
  exit 1
}
case "${1:-path}" in
  path) echo "$promtool" ;;
  check)
    "$promtool" check config "$here/prometheus.yml"
    "$promtool" test rules "$here"/*.test.yml
    ;;
  *)
    echo "usage: prometheus.sh [check]" >&2
    exit 1
    ;;
esac
