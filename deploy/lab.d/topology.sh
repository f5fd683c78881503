# shellcheck shell=bash
# Network namespaces as machines: one topology for the tests, the demonstration and the benchmarks. Sourced, in the lab's
# guest, as root; nothing happens until a function is called.
#
#   topology_segment                      c, lb, b1 b2 b3 on one bridge
#
#      c 10.1.0.10      lb 10.1.0.2      b1 10.1.0.11   b2 10.1.0.12   b3 10.1.0.13      10.1.0.0/24
#      fd00:1::10       fd00:1::2        fd00:1::11     fd00:1::12     fd00:1::13        fd00:1::/64
#      ------------------------------ br-lan (in the guest's own namespace) -------------
#
#   topology_routed                       the same, and clients behind a router: their packets reach lb routed
#
#      r1 10.2.0.10, r2 10.2.0.11 ... --- br-wan --- gw 10.2.0.1 | 10.1.0.1 --- br-lan
#      fd00:2::10   fd00:2::11                          fd00:2::1 | fd00:1::1
#
# Every machine's interface is eth0, with a MAC that follows from its IPv4 address (02:00 and the four bytes).
# The routers' sysctls are the kernel's defaults: what a director needs is the product's business.

topology_backends=(b1 b2 b3)

# bridge NAME
topology_bridge() {
  ip link add "$1" type bridge
  # A bridge that filters through iptables or waits for spanning tree would be part of the measurement.
  ip link set "$1" type bridge stp_state 0 forward_delay 0 mcast_snooping 0
  ip link set "$1" up
}

# topology_host NAME BRIDGE ADDRESS/LENGTH...: a machine on a bridge, IPv4 and IPv6 addresses in any number
topology_host() {
  local name=$1 bridge=$2
  shift 2
  ip netns add "$name"
  ip -n "$name" link set lo up
  # Addresses are usable at once, not after duplicate address detection.
  ip netns exec "$name" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_ra=0
  topology_link "$name" eth0 "$bridge" "$@"
}

# topology_link NAME INTERFACE BRIDGE ADDRESS/LENGTH...: one more interface of a machine
topology_link() {
  local name=$1 interface=$2 bridge=$3 outer=$1-$2 address
  shift 3
  ip link add "$outer" type veth peer name "$interface" netns "$name"
  ip link set "$outer" master "$bridge" up
  for address; do
    [[ $address == *:* ]] || { ip -n "$name" link set "$interface" address "$(topology_mac "${address%/*}")"; break; }
  done
  ip -n "$name" link set "$interface" up
  for address; do
    if [[ $address == *:* ]]; then
      ip -n "$name" addr add "$address" dev "$interface" nodad
    else
      ip -n "$name" addr add "$address" dev "$interface"
    fi
  done
}

# topology_mac IPV4: the MAC address of the interface that has it
topology_mac() {
  local bytes
  IFS=. read -ra bytes <<< "$1"
  printf '02:00:%02x:%02x:%02x:%02x\n' "${bytes[@]}"
}

topology_segment() {
  topology_bridge br-lan
  topology_host c br-lan 10.1.0.10/24 fd00:1::10/64
  topology_host lb br-lan 10.1.0.2/24 fd00:1::2/64
  local i=11 name
  for name in "${topology_backends[@]}"; do
    topology_host "$name" br-lan "10.1.0.$i/24" "fd00:1::$i/64"
    i=$((i + 1))
  done
}

# topology_routed [CLIENTS]: topology_segment, a router gw, and that many clients (1) behind it
topology_routed() {
  local clients=${1:-1} name i
  topology_segment
  topology_bridge br-wan
  topology_host gw br-lan 10.1.0.1/24 fd00:1::1/64
  topology_link gw eth1 br-wan 10.2.0.1/24 fd00:2::1/64
  ip netns exec gw sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  for name in c lb "${topology_backends[@]}"; do
    ip -n "$name" route add default via 10.1.0.1
    ip -n "$name" -6 route add default via fd00:1::1
  done
  for ((i = 1; i <= clients; i++)); do
    topology_host "r$i" br-wan "10.2.0.$((9 + i))/24" "fd00:2::$((9 + i))/64"
    ip -n "r$i" route add default via 10.2.0.1
    ip -n "r$i" -6 route add default via fd00:2::1
  done
}

# topology_route_to VIP...: the router's way to virtual addresses outside the segment leads through lb
topology_route_to() {
  local vip
  for vip; do
    if [[ $vip == *:* ]]; then
      ip -n gw -6 route replace "$vip/128" via fd00:1::2
    else
      ip -n gw route replace "$vip/32" via 10.1.0.2
    fi
  done
}

# topology_backend_vip NAME VIP...: a backend of direct return takes packets to the VIP and never answers ARP for it
topology_backend_vip() {
  local name=$1 vip
  shift
  ip netns exec "$name" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
  for vip; do
    if [[ $vip == *:* ]]; then
      # On lo an address is neither advertised nor solicited for through eth0.
      ip -n "$name" addr add "$vip/128" dev lo nodad
    else
      ip -n "$name" addr add "$vip/32" dev lo
    fi
  done
}

# topology_backend_return NAME through|past: replies to routed clients leave through lb, or past it by the gateway
topology_backend_return() {
  if [ "$2" = through ]; then
    ip -n "$1" route replace default via 10.1.0.2
    ip -n "$1" -6 route replace default via fd00:1::2
  else
    ip -n "$1" route replace default via 10.1.0.1
    ip -n "$1" -6 route replace default via fd00:1::1
  fi
}

# topology_again_lb: lb of topology_routed as it was at first, without the table, addresses and sysctls that it got since
topology_again_lb() {
  ip link del lb-eth0
  ip netns del lb
  topology_host lb br-lan 10.1.0.2/24 fd00:1::2/64
  ip -n lb route add default via 10.1.0.1
  ip -n lb -6 route add default via fd00:1::1
}

# topology_remove: all of it
topology_remove() {
  local name bridge port
  for bridge in br-lan br-wan; do
    # A namespace goes some time after its name does; its links are to be gone at once.
    for port in $(ip -o link show master "$bridge" 2> /dev/null | awk '{sub("@.*", "", $2); print $2}'); do ip link del "$port"; done
    ip link del "$bridge" 2> /dev/null || true
  done
  for name in $(ip netns list | awk '{print $1}'); do ip netns del "$name"; done
}

# on NAME COMMAND...: runs a command on a machine
on() {
  local name=$1
  shift
  ip netns exec "$name" "$@"
}
