#!/usr/bin/env bash
# Prints the path of a Chromium. Uses the one that is there; installs Debian's where there is none.
#   CHROMIUM=/path/to/chromium takes that one.
set -euo pipefail
if [ -n "${CHROMIUM:-}" ]; then
  echo "$CHROMIUM"
  exit 0
fi
find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome-stable google-chrome; do
    command -v "$name" && return 0
  done
  return 1
}
find_chromium && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core ||
      { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; }
  } >&2
fi
find_chromium || {
  echo "No Chromium found. Install it, or set CHROMIUM to the path of one." >&2
  exit 1
}
