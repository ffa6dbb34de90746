#!/bin/sh
# SPDX-FileCopyrightText: The Faultline authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes one Redis Cluster, half masters and half replicas, of the nodes in $NODES ("host:port host:port ..."), unless
# they have been one before. Ends with 1 when they have not answered, or not agreed, within $WAIT_S seconds.
set -eu
wait_s="${WAIT_S:-300}"

ask() { # HOST:PORT COMMAND...
  node="$1"
  shift
  redis-cli -h "${node%:*}" -p "${node##*:}" "$@" 2>/dev/null
}

fail() {
  echo "create-cluster: $1" >&2
  exit 1
}

count=0
addresses=""
for node in $NODES; do
  until [ "$(ask "$node" ping)" = PONG ]; do
    [ "$wait_s" -gt 0 ] || fail "$node does not answer"
    wait_s=$((wait_s - 1))
    sleep 1
  done
  # Nodes meet by address: Redis takes no names here.
  address="$(getent ahosts "${node%:*}" | awk '{ print $1; exit }')"
  [ -n "$address" ] || fail "${node%:*} has no address"
  addresses="$addresses $address:${node##*:}"
  count=$((count + 1))
done

agreed() {
  for node in $NODES; do
    info="$(ask "$node" cluster info)" || return 1
    case "$info" in *cluster_state:ok*) ;; *) return 1 ;; esac
    case "$info" in *cluster_known_nodes:$count*) ;; *) return 1 ;; esac
  done
}

# Nodes that have met before agree again by themselves, after a while.
are_new() {
  for node in $NODES; do
    ask "$node" cluster info | tr -d '\r' | grep -qx cluster_known_nodes:1 || return 1
  done
}

if are_new; then
  # Each address is a word of its own.
  # shellcheck disable=SC2086
  redis-cli --cluster create $addresses --cluster-replicas 1 --cluster-yes
fi
until agreed; do
  [ "$wait_s" -gt 0 ] || fail "the nodes do not agree on a cluster"
  wait_s=$((wait_s - 1))
  sleep 1
done
echo "create-cluster: the $count nodes are a cluster"
