#!/usr/bin/env bash
# Makes Winnow's topics with the settings docs/kafka.md explains, for clusters where applications may not make their own.
#   create-topics.sh BOOTSTRAP_SERVERS [PREFIX] [PARTITIONS]
# Needs kafka-topics (KAFKA_TOPICS names another, such as kafka-topics.sh). Topics that exist are left as they are.
set -euo pipefail
servers=${1:?usage: create-topics.sh BOOTSTRAP_SERVERS [PREFIX] [PARTITIONS]}
prefix=${2:-winnow.}
partitions=${3:-6}
for topic in raw-events enriched-events invalid-events dead-letter-events catalogue; do
  "${KAFKA_TOPICS:-kafka-topics}" --bootstrap-server "$servers" --create --if-not-exists --topic "$prefix$topic" \
    --partitions "$partitions" --replication-factor 3 \
    --config min.insync.replicas=2 --config unclean.leader.election.enable=false --config retention.ms=-1 \
    --config cleanup.policy=[compact,delete] --config min.cleanable.dirty.ratio=0.9 --config max.compaction.lag.ms=604800000
done
