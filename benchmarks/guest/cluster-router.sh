#!/usr/bin/env bash
# The part of cluster-router in the guest, where the outer machine's loopback is 10.0.2.2.
set -euo pipefail
modprobe -a virtio_net ip_vs ip_vs_mh dummy
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
arguments=() kubeconfig=''
for argument; do
  if [ "$kubeconfig" = next ]; then
    sed 's/127\.0\.0\.1:/10.0.2.2:/' "$argument" > /tmp/kubeconfig
    argument=/tmp/kubeconfig kubeconfig=''
  fi
  [ "$argument" != --kubeconfig ] || kubeconfig=next
  arguments+=("$argument")
done
exec deploy/ipvs-router "${arguments[@]}"
