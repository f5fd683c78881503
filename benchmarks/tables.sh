# shellcheck shell=bash
# The measured tables as text, with the addresses of Tables.java. Sourced.

# restore_file SERVICES DESTINATIONS: what ipvsadm --restore reads
restore_file() {
  awk -v services="$1" -v destinations="$2" '
    function dotted(first, second, n) { return first "." second + int(n / 65536) "." int(n / 256) % 256 "." n % 256 }
    BEGIN {
      for (s = 0; s < services; s++) {
        vip = dotted(10, 100, s + 1)
        print "-A -t " vip ":80 -s rr"
        for (d = 0; d < destinations; d++) print "-a -t " vip ":80 -r " dotted(10, 200, s * destinations + d + 1) ":80 -g -w 1"
      }
    }'
}

# manifests SERVICES DESTINATIONS SCHEDULER: the same as Kubernetes objects, as kubectl get -o yaml would give them, less its status
manifests() {
  awk -v services="$1" -v destinations="$2" -v scheduler="$3" '
    function dotted(first, second, n) { return first "." second + int(n / 65536) "." int(n / 256) % 256 "." n % 256 }
    BEGIN {
      for (s = 0; s < services; s++) {
        print "apiVersion: v1\nkind: Service\nmetadata:\n  name: s" s "\n  namespace: bench"
        print "  annotations:\n    freeway.dev/addresses: \"" dotted(10, 100, s + 1) "\"\n    freeway.dev/forwarding: direct"
        print "    freeway.dev/scheduler: \"" scheduler "\""
        print "spec:\n  type: LoadBalancer\n  loadBalancerClass: freeway.dev/ipvs\n  ports:\n  - name: http\n    port: 80\n    protocol: TCP\n---"
        print "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n  name: s" s "-1\n  namespace: bench"
        print "  labels:\n    kubernetes.io/service-name: s" s "\naddressType: IPv4\nports:\n- name: http\n  port: 80\n  protocol: TCP\nendpoints:"
        for (d = 0; d < destinations; d++) {
          print "- addresses:\n  - " dotted(10, 200, s * destinations + d + 1)
          print "  conditions:\n    ready: true\n    serving: true\n    terminating: false\n  nodeName: node-" d
        }
        print "---"
      }
    }'
}
