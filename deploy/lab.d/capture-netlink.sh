#!/usr/bin/env bash
# What ipvsadm and ip say to the kernel over netlink, and what it answers, byte for byte: the golden bytes of the codecs' tests.
#
#   deploy/lab run --share DIRECTORY deploy/lab.d/capture-netlink.sh      writes ipvsadm.txt and ip.txt there
#
# Runs in the lab's guest, as root. Each command runs under strace, in one network namespace that begins empty for each file.
# A file has a "$" line a command, then one line a datagram: ">" what it sent, "<" what the kernel answered, in hexadecimal.
set -euo pipefail

out=${LAB_OUT:?this runs in the guest: deploy/lab run --share DIRECTORY deploy/lab.d/capture-netlink.sh}
command -v strace > /dev/null || { echo "missing: strace; as root: apt-get install --no-install-recommends strace" >&2; exit 1; }

# captured COMMAND...: runs it and appends what it exchanged; a refusal of the kernel is an answer too
captured() {
  local status=0
  strace -o /tmp/trace -qq -s 0 -e trace=sendto,sendmsg,recvfrom,recvmsg -e read=all -e write=all "$@" > /tmp/said 2>&1 || status=$?
  {
    echo "\$ $*"
    [ "$status" = 0 ] || echo "# exit code $status: $(head -n 1 /tmp/said)"
    awk -v known="$known" '
      # libnl asks for the family again before every request: once is enough. 0x10 is the type of the family controller.
      function flush() {
        if (sent && hex != "") lookup = substr(hex, 10, 4) == "1000" && substr(hex, 34, 2) == "03"
        if (hex != "" && !(lookup && known)) print (sent ? ">" : "<") hex
        if (!sent && hex != "" && lookup && substr(hex, 10, 4) == "0200") known = 1
        hex = ""
      }
      /^(send|recv)/ { flush(); sent = /^send/; peeked = /MSG_PEEK/ }
      /^ \| / && !peeked { line = substr($0, 10, 51); gsub(/[^0-9a-f]/, "", line); hex = hex (hex == "" ? " " : "") line }
      END { flush() }' /tmp/trace
  } >> "$file"
  known=1
}

ipvsadm_commands() {
  local web=192.0.2.1:80 six=[2001:db8::1]:80 b=198.51.100 b6=2001:db8:b
  captured ipvsadm -A -t $web -s rr
  captured ipvsadm -A -t 192.0.2.1:443 -s mh -b mh-fallback,mh-port
  captured ipvsadm -A -t 192.0.2.1:444 -s mh -b mh-fallback
  captured ipvsadm -A -t 192.0.2.1:445 -s sh -b sh-port
  captured ipvsadm -A -u 192.0.2.1:53 -s rr -o
  captured ipvsadm -A --sctp-service 192.0.2.1:5060 -s wlc
  captured ipvsadm -A -t 192.0.2.2:80 -s wrr -p 300 -M 255.255.255.0
  captured ipvsadm -A -t 192.0.2.3:80 -s wrr -p 360
  captured ipvsadm -A -t $six -s wlc
  captured ipvsadm -A -t [2001:db8::2]:80 -s mh -b mh-port -p 86400 -M 64
  captured ipvsadm -A -f 7 -s rr
  captured ipvsadm -A -f 8 -6 -s rr
  captured ipvsadm -A -t $web -s rr
  captured ipvsadm -A -t 192.0.2.9:80 -s nonesuch
  captured ipvsadm -E -t $web -s mh -b mh-port
  captured ipvsadm -E -t 192.0.2.1:443 -s mh
  captured ipvsadm -E -t 192.0.2.1:444 -s wlc -p 600
  captured ipvsadm -E -t 192.0.2.9:80 -s rr
  captured ipvsadm -a -t $web -r $b.1:8080 -m -w 5
  captured ipvsadm -a -t $web -r $b.2:80 -g -w 1 -x 2000 -y 1500
  captured ipvsadm -a -t $web -r $b.3:80 -i -w 0
  captured ipvsadm -a -t $web -r $b.4:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
  captured ipvsadm -a -t $web -r $b.5:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum
  captured ipvsadm -a -t $web -r $b.6:80 -i -w 1 --tun-type gue --tun-port 65535 --tun-remcsum
  captured ipvsadm -a -t $web -r $b.7:80 -i -w 65535 --tun-type gre --tun-nocsum
  captured ipvsadm -a -t $web -r $b.8:80 -i -w 1 --tun-type gre --tun-csum
  captured ipvsadm -a -t $web -r [$b6::9]:80 -i -w 1
  captured ipvsadm -a -t $six -r [$b6::1]:8080 -m -w 5
  captured ipvsadm -a -t $six -r [$b6::2]:80 -g -w 1
  captured ipvsadm -a -t $six -r [$b6::3]:80 -i -w 1
  captured ipvsadm -a -t $six -r $b.10:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum
  captured ipvsadm -a -f 7 -r $b.1:0 -g -w 1
  captured ipvsadm -a -t $web -r [$b6::4]:80 -g -w 1
  captured ipvsadm -a -t $web -r $b.1:8080 -m -w 5
  captured ipvsadm -e -t $web -r $b.1:8080 -m -w 50
  captured ipvsadm -e -t $web -r $b.2:80 -g -w 2 -x 0 -y 0
  captured ipvsadm -e -t $web -r $b.99:80 -g -w 2
  captured ipvsadm -L -n
  captured ipvsadm -L -n -t $web
  captured ipvsadm -L -n -t 192.0.2.9:80
  captured ipvsadm -d -t $web -r $b.1:8080
  captured ipvsadm -d -t $six -r [$b6::1]:8080
  captured ipvsadm -d -t $web -r $b.99:80
  captured ipvsadm -D -t $web
  captured ipvsadm -D -t $six
  captured ipvsadm -D -f 7
  captured ipvsadm -D -t $web
}

ip_commands() {
  captured ip link add freeway type dummy
  captured ip link add freeway type dummy
  captured ip link set freeway up
  captured ip link set freeway mtu 1400
  captured ip link add tunnel type ipip local 192.0.2.1 remote 198.51.100.1 ttl 64
  captured ip link add any type ipip external
  captured ip -6 link add tunnel6 type ip6tnl mode any local 2001:db8::1 remote 2001:db8:b::1
  captured ip link list
  captured ip link show dev freeway
  captured ip link show dev nonesuch
  captured ip addr add 192.0.2.1/32 dev freeway
  captured ip addr add 192.0.2.1/32 dev freeway
  captured ip addr add 203.0.113.2/24 dev freeway label freeway:1
  captured ip addr add 2001:db8::1/128 dev freeway nodad
  captured ip addr replace 2001:db8::2/64 dev freeway preferred_lft 0 nodad
  captured ip addr list
  captured ip -4 addr list dev freeway
  captured ip route add 198.51.100.0/24 via 203.0.113.1 dev freeway
  captured ip route add default via 203.0.113.1 table 100
  captured ip route replace 198.51.100.0/24 via 203.0.113.3 dev freeway mtu 1300 src 203.0.113.2
  captured ip route add 2001:db8:b::/64 via 2001:db8::3 dev freeway
  captured ip route list
  captured ip route list table all
  captured ip -6 route list table all
  captured ip route get 198.51.100.7
  captured ip rule add fwmark 0x1/0xff table 100 priority 1000
  captured ip rule add from 192.0.2.1 lookup 100 priority 1001
  captured ip -6 rule add from 2001:db8::1 lookup 100 priority 1001
  captured ip rule list
  captured ip -6 rule list
  captured ip neigh add 203.0.113.1 lladdr 02:00:cb:00:71:01 dev freeway
  captured ip neigh add 2001:db8::3 lladdr 02:00:cb:00:71:03 dev freeway nud permanent
  captured ip neigh list
  captured ip rule del priority 1000
  captured ip route del 198.51.100.0/24
  captured ip addr del 192.0.2.1/32 dev freeway
  captured ip addr del 192.0.2.1/32 dev freeway
  captured ip addr del 2001:db8::1/128 dev freeway
  captured ip link del freeway
}

if [ "${1:-}" ]; then
  file=$out/${1%_commands}.txt known=''
  {
    echo "# Captured on $(uname -r), $(uname -m), with $(ipvsadm --version 2>&1 | head -n 1) and $(ip -V),"
    echo "# by deploy/lab.d/capture-netlink.sh; see there."
  } > "$file"
  ip link set lo up
  "$1"
else
  modprobe -a ip_vs ip_vs_rr ip_vs_wrr ip_vs_wlc ip_vs_mh ip_vs_sh dummy ipip ip6_tunnel
  unshare -n bash "$0" ipvsadm_commands
  unshare -n bash "$0" ip_commands
fi
