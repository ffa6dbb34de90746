#!/bin/sh
# SPDX-FileCopyrightText: The Faultline authors
# SPDX-License-Identifier: Apache-2.0
#
# Introduces the node in this container to the others in $NODES ("host:port host:port ..."), if it has been in a cluster
# before. Nodes know each other by address, and a pod comes back with another one: when all restart at once, none would
# find any. The node itself is at $NODE, 127.0.0.1:6379 by default.
set -eu
own="${NODE:-127.0.0.1:6379}"
wait_s=30

ask() {
  redis-cli -h "${own%:*}" -p "${own##*:}" "$@" 2>/dev/null
}

until [ "$(ask ping)" = PONG ]; do
  if [ "$wait_s" -eq 0 ]; then
    echo "rejoin: the node does not answer" >&2
    exit 1
  fi
  wait_s=$((wait_s - 1))
  sleep 1
done

known="$(ask cluster info | tr -d '\r' | sed -n 's/^cluster_known_nodes://p')"
[ "$known" -gt 1 ] || exit 0
for node in $NODES; do
  # A node that has no address yet will introduce itself when it starts.
  address="$(getent ahosts "${node%:*}" | awk '{ print $1; exit }')"
  if [ -n "$address" ]; then
    ask cluster meet "$address" "${node##*:}" >/dev/null
  fi
done
