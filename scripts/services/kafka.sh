#!/usr/bin/env bash
# Three Kafka brokers of their own for tests, in KRaft mode, on 127.0.0.1.
#   kafka.sh install LIB                     fetches the jars (Maven, Java 17) into LIB
#   kafka.sh start|stop DIR LIB [PORT]       starts or stops all; PORT is the first broker's, then +1, +2; the controller's is +50
#   kafka.sh kill|restart DIR LIB PORT N     a broker's crash (kill -9), and its return
#   kafka.sh pause|resume DIR LIB PORT N     a broker that hangs (SIGSTOP), and goes on
# The controller is a process of its own, so that two brokers can die and the metadata still says who is in sync.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
usage='usage: kafka.sh install LIB | start|stop DIR LIB [PORT] | kill|restart|pause|resume DIR LIB PORT N'
version=4.1.0
controller=100
cluster=d2lubm93LXRlc3RzLWthZg

fail() {
  echo "$*" >&2
  exit 1
}

# A program, from the system's package when it is missing and this user may install it.
have() { # PROGRAM PACKAGE
  command -v "$1" >/dev/null && return 0
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || fail "$1 is not installed: install $2"
  DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >&2
}

install() {
  [ -e "$lib/kafka_2.13-$version.jar" ] && return 0
  have java openjdk-17-jre-headless
  have mvn maven
  mkdir -p "$lib.new"
  mvn -q -B -f "$here/kafka.pom.xml" -Dkafka.version="$version" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies -DoutputDirectory="$lib.new" -DincludeScope=runtime >&2
  rm -rf "$lib"
  mv "$lib.new" "$lib"
}

properties() { # ID
  local id=$1 roles listeners
  if [ "$id" = $controller ]; then
    roles=controller listeners="CONTROLLER://127.0.0.1:$((port + 50))"
  else
    roles=broker listeners="PLAINTEXT://127.0.0.1:$((port + id - 1))"
  fi
  cat <<P
process.roles=$roles
node.id=$id
controller.quorum.voters=$controller@127.0.0.1:$((port + 50))
controller.listener.names=CONTROLLER
listeners=$listeners
$([ "$roles" = broker ] && echo "advertised.listeners=$listeners")
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$dir/data-$id
default.replication.factor=3
min.insync.replicas=2
unclean.leader.election.enable=false
auto.create.topics.enable=false
offsets.topic.replication.factor=3
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
transaction.state.log.num.partitions=6
group.initial.rebalance.delay.ms=0
replica.lag.time.max.ms=30000
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
num.network.threads=2
num.io.threads=2
background.threads=2
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.backoff.ms=500
P
}

running() { [ -s "$dir/$1.pid" ] && kill -0 "$(cat "$dir/$1.pid")" 2>/dev/null; }

launch() { # ID
  local id=$1
  running "$id" && return 0
  if [ ! -e "$dir/$id.properties" ]; then
    properties "$id" >"$dir/$id.properties"
    java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$lib/*" kafka.tools.StorageTool format -t "$cluster" \
      -c "$dir/$id.properties" >>"$dir/format.log" 2>&1 || fail "formatting storage of node $id failed: see $dir/format.log"
  fi
  setsid java -Xms256m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:MaxDirectMemorySize=64m \
    -cp "$lib/*" kafka.Kafka "$dir/$id.properties" >>"$dir/$id.log" 2>&1 </dev/null &
  echo $! >"$dir/$id.pid"
}

await() { # ID
  for _ in $(seq 600); do
    (exec 3<>"/dev/tcp/127.0.0.1/$((port + $1 - 1))") 2>/dev/null && return 0
    sleep 0.2
  done
  fail "broker $1 did not start: see $dir/$1.log"
}

stop_one() { # ID
  running "$1" || return 0
  local pid
  pid=$(cat "$dir/$1.pid")
  kill -TERM "$pid"
  for _ in $(seq 50); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.2
  done
  kill -KILL "$pid" 2>/dev/null || true
}

command=${1:?$usage}
if [ "$command" = install ]; then
  lib=${2:?$usage}
  install
  exit 0
fi
dir=${2:?$usage}
lib=${3:?$usage}
port=${4:-19092}
mkdir -p "$dir"
case $command in
  start)
    install
    launch $controller
    for id in 1 2 3; do launch "$id"; done
    for id in 1 2 3; do await "$id"; done
    ;;
  stop) for id in 1 2 3 $controller; do stop_one "$id"; done ;;
  kill)
    kill -KILL "$(cat "$dir/${5:?$usage}.pid")"
    while running "$5"; do sleep 0.05; done
    ;;
  pause) kill -STOP "$(cat "$dir/${5:?$usage}.pid")" ;;
  resume) kill -CONT "$(cat "$dir/${5:?$usage}.pid")" ;;
  restart)
    launch "${5:?$usage}"
    await "$5"
    ;;
  *) fail "$usage" ;;
esac
