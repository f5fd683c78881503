/*
 * The floor of programming IPVS: the same requests as ipvs-router's, by a C program that does nothing else. Raw generic
 * netlink, 128 requests to a datagram, of which the last is acknowledged: the kernel answers refused ones in any case.
 *
 *   programming SERVICES DESTINATIONS SCHEDULER [ONE]
 *
 * fills SERVICES new services with DESTINATIONS each, in the network namespace it is started in, and prints the seconds
 * from the first request to the last acknowledgement. With ONE, one request to a datagram: the naive way.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char out[64 * 1024], in[64 * 1024];
static size_t length, begun;
static unsigned sequence, pending;
static int netlink, family;

static void fail(const char *what) {
  fprintf(stderr, "programming: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void put(const void *bytes, size_t count) {
  memcpy(out + length, bytes, count);
  length += (count + 3) & ~(size_t)3;
}

static size_t attribute(int type, const void *value, size_t count) {
  struct nlattr head = {.nla_len = (unsigned short)(NLA_HDRLEN + count), .nla_type = (unsigned short)type};
  size_t mark = length;
  put(&head, sizeof head);
  if (count) put(value, count);
  return mark;
}

static void u16(int type, unsigned short value) { attribute(type, &value, 2); }
static void u32(int type, unsigned value) { attribute(type, &value, 4); }

static void address(int type, unsigned value) {
  unsigned words[4] = {htonl(value)};
  attribute(type, words, sizeof words);
}

static size_t nest(int type) { return attribute(type | NLA_F_NESTED, NULL, 0); }

static void end_nest(size_t mark) { ((struct nlattr *)(out + mark))->nla_len = (unsigned short)(length - mark); }

static void begin(int type, int command, int version) {
  struct nlmsghdr head = {.nlmsg_type = (unsigned short)type, .nlmsg_flags = NLM_F_REQUEST};
  struct genlmsghdr generic = {.cmd = (unsigned char)command, .version = (unsigned char)version};
  head.nlmsg_seq = ++sequence;
  begun = length;
  put(&head, sizeof head);
  put(&generic, sizeof generic);
}

static void end(void) {
  ((struct nlmsghdr *)(out + begun))->nlmsg_len = (unsigned)(length - begun);
  pending++;
}

/* Sends what is there and reads the acknowledgement of the last; keeps the family number from the one answer that has it. */
static void flush(void) {
  if (!pending) return;
  ((struct nlmsghdr *)(out + begun))->nlmsg_flags |= NLM_F_ACK;
  if (send(netlink, out, length, 0) != (ssize_t)length) fail("send");
  while (pending) {
    ssize_t count = recv(netlink, in, sizeof in, 0);
    if (count < 0) fail("receive");
    int left = (int)count;
    for (struct nlmsghdr *m = (struct nlmsghdr *)in; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
      if (m->nlmsg_type == NLMSG_ERROR) {
        errno = -((struct nlmsgerr *)NLMSG_DATA(m))->error;
        if (errno) fail("the kernel refused a request");
        pending = 0;
      } else {
        char *at = (char *)NLMSG_DATA(m) + GENL_HDRLEN, *stop = (char *)m + m->nlmsg_len;
        while (at < stop) {
          struct nlattr *a = (struct nlattr *)at;
          if (a->nla_type == CTRL_ATTR_FAMILY_ID) family = *(unsigned short *)(at + NLA_HDRLEN);
          at += NLA_ALIGN(a->nla_len);
        }
      }
    }
  }
  length = 0;
}

static void identity(unsigned vip) {
  u16(IPVS_SVC_ATTR_AF, AF_INET);
  u16(IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
  address(IPVS_SVC_ATTR_ADDR, vip);
  u16(IPVS_SVC_ATTR_PORT, htons(80));
}

static void service(unsigned vip, const char *scheduler) {
  struct ip_vs_flags flags = {.flags = 0, .mask = ~0u};
  begin(family, IPVS_CMD_NEW_SERVICE, 1);
  size_t mark = nest(IPVS_CMD_ATTR_SERVICE);
  identity(vip);
  attribute(IPVS_SVC_ATTR_SCHED_NAME, scheduler, strlen(scheduler) + 1);
  attribute(IPVS_SVC_ATTR_FLAGS, &flags, sizeof flags);
  u32(IPVS_SVC_ATTR_TIMEOUT, 0);
  u32(IPVS_SVC_ATTR_NETMASK, 0xffffffff);
  end_nest(mark);
  end();
}

static void destination(unsigned vip, unsigned backend) {
  begin(family, IPVS_CMD_NEW_DEST, 1);
  size_t mark = nest(IPVS_CMD_ATTR_SERVICE);
  identity(vip);
  end_nest(mark);
  mark = nest(IPVS_CMD_ATTR_DEST);
  u16(IPVS_DEST_ATTR_ADDR_FAMILY, AF_INET);
  address(IPVS_DEST_ATTR_ADDR, backend);
  u16(IPVS_DEST_ATTR_PORT, htons(80));
  u32(IPVS_DEST_ATTR_FWD_METHOD, IP_VS_CONN_F_DROUTE);
  u32(IPVS_DEST_ATTR_WEIGHT, 1);
  u32(IPVS_DEST_ATTR_U_THRESH, 0);
  u32(IPVS_DEST_ATTR_L_THRESH, 0);
  end_nest(mark);
  end();
}

int main(int count, char **arguments) {
  if (count != 4 && !(count == 5 && !strcmp(arguments[4], "ONE"))) {
    fprintf(stderr, "usage: programming SERVICES DESTINATIONS SCHEDULER [ONE]\n");
    return 64;
  }
  unsigned services = (unsigned)atoi(arguments[1]), destinations = (unsigned)atoi(arguments[2]);
  unsigned batch = count == 5 ? 1 : 128;
  int room = 4 << 20, yes = 1;
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  if (netlink < 0 || bind(netlink, (struct sockaddr *)&kernel, sizeof kernel)) fail("open a netlink socket");
  setsockopt(netlink, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  setsockopt(netlink, SOL_NETLINK, NETLINK_CAP_ACK, &yes, sizeof yes);
  begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
  attribute(CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME, sizeof IPVS_GENL_NAME);
  end();
  flush();

  struct timespec start, stop;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (unsigned s = 0; s < services; s++) {
    unsigned vip = 0x0a640001u + s;
    service(vip, arguments[3]);
    if (pending == batch) flush();
    for (unsigned d = 0; d < destinations; d++) {
      /* 10.200.0.1 and on: no two services share a backend. */
      destination(vip, 0x0ac80001u + s * destinations + d);
      if (pending == batch) flush();
    }
  }
  flush();
  clock_gettime(CLOCK_MONOTONIC, &stop);
  printf("%.6f\n", (double)(stop.tv_sec - start.tv_sec) + (double)(stop.tv_nsec - start.tv_nsec) / 1e9);
  return 0;
}
