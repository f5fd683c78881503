/*
 * Client and server of the relay's measurements: epoll, one thread each, nothing but sockets.
 *
 *   streams serve ADDRESS:PORT                              answers, by TCP and UDP, until it is killed
 *   streams connect CONNECTIONS SECONDS BYTES ADDRESS:PORT  each: connect, ask for BYTES, read them to the end, close, again.
 *                                                           Prints connections a second, bytes a second, failed ones.
 *   streams kept CONNECTIONS SECONDS ADDRESS:PORT           each asks for 100 bytes again and again.
 *                                                           Prints requests a second and failed connections.
 *   streams paced CONNECTIONS RATE SECONDS ADDRESS:PORT     so many requests a second, whether they are answered or not.
 *                                                           Prints p50 and p99 in microseconds since each was due, failed.
 *   streams idle CONNECTIONS ADDRESS:PORT                   opens them, asks once on each, prints how many were answered
 *                                                           and keeps them open until its input ends.
 *   streams udp SOCKETS WINDOW SECONDS ADDRESS:PORT         WINDOW datagrams of 100 bytes are under way from each socket.
 *                                                           Prints answers a second and datagrams lost.
 *
 * A request is 100 bytes, the first four the length of the answer in network order; the highest bit says to close then. The
 * server closes first, so TIME_WAIT stays at the server's address and the client's ports are free at once. A datagram is
 * answered by itself.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64, CHUNK = 256 * 1024, REQUEST = 100, BATCH = 32, DESCRIPTORS = 1 << 20, AT_ONCE = 64 };
static const unsigned CLOSE = 1u << 31;

static char buffer[CHUNK];

/* By descriptor: bytes of a request that came, or of an answer that are still to come or to go. */
static struct state {
  unsigned char have;
  unsigned char first[4];
  char closes;
  unsigned left;
} states[DESCRIPTORS];

static struct sockaddr_in to;
static int epoll;
static unsigned long done, failed, received;

static void fail(const char *what) {
  fprintf(stderr, "streams: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void watch(int fd, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epoll, operation, fd, &event)) fail("epoll_ctl");
}

/* Sends what is left of an answer; whether the connection stays open. */
static int answer(int fd) {
  struct state *state = &states[fd];
  while (state->left) {
    ssize_t sent = send(fd, buffer, state->left < CHUNK ? state->left : CHUNK, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      watch(fd, EPOLL_CTL_MOD, EPOLLOUT);
      return 1;
    }
    if (sent < 0) return 0;
    state->left -= (unsigned)sent;
  }
  return !state->closes;
}

/* Takes what has come of requests; whether the connection stays open. */
static int take(int fd) {
  struct state *state = &states[fd];
  unsigned char in[REQUEST];
  ssize_t got = recv(fd, in, (size_t)(REQUEST - state->have), 0);
  if (got < 0 && errno == EAGAIN) return 1;
  if (got <= 0) return 0;
  for (int i = 0; i < got && state->have + i < 4; i++) state->first[state->have + i] = in[i];
  state->have = (unsigned char)(state->have + got);
  if (state->have < REQUEST) return 1;
  unsigned wanted;
  memcpy(&wanted, state->first, sizeof wanted);
  wanted = ntohl(wanted);
  *state = (struct state){.closes = (wanted & CLOSE) != 0, .left = wanted & ~CLOSE};
  return answer(fd);
}

static void echo(int fd) {
  static char datagrams[BATCH][2048];
  static struct mmsghdr messages[BATCH];
  static struct iovec vectors[BATCH];
  static struct sockaddr_in names[BATCH];
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){datagrams[i], sizeof datagrams[i]};
    messages[i].msg_hdr = (struct msghdr){
        .msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  int count = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
  for (int i = 0; i < count; i++) vectors[i].iov_len = messages[i].msg_len;
  if (count > 0) sendmmsg(fd, messages, (unsigned)count, 0);
}

static void serve(void) {
  int yes = 1, space = 4 << 20;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(datagrams, SOL_SOCKET, SO_RCVBUF, &space, sizeof space);
  if (bind(listener, (struct sockaddr *)&to, sizeof to) || listen(listener, 4096)) fail("listen");
  if (bind(datagrams, (struct sockaddr *)&to, sizeof to)) fail("bind");
  watch(listener, EPOLL_CTL_ADD, EPOLLIN);
  watch(datagrams, EPOLL_CTL_ADD, EPOLLIN);
  for (;;) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == datagrams) {
        echo(fd);
      } else if (fd == listener) {
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          states[fd] = (struct state){0};
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
          watch(fd, EPOLL_CTL_ADD, EPOLLIN);
        }
      } else if (states[fd].left) {
        if (!answer(fd)) {
          close(fd);
        } else if (!states[fd].left) {
          watch(fd, EPOLL_CTL_MOD, EPOLLIN);
        }
      } else if (!take(fd)) {
        close(fd);
      }
    }
  }
}

/* A connection under way; writable once it stands. */
static void open_one(void) {
  int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(fd, (const struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) fail("connect");
  states[fd] = (struct state){0};
  watch(fd, EPOLL_CTL_ADD, EPOLLOUT);
}

static int ask(int fd, unsigned bytes, unsigned flag) {
  unsigned char request[REQUEST] = {0};
  unsigned wanted = htonl(bytes | flag);
  memcpy(request, &wanted, sizeof wanted);
  states[fd].left += bytes;
  return send(fd, request, REQUEST, MSG_NOSIGNAL) == REQUEST;
}

/* Reads what has come; -1 when the connection failed, 0 when it ended, else 1. */
static int hear(int fd) {
  ssize_t got = recv(fd, buffer, CHUNK, 0);
  if (got < 0) return errno == EAGAIN ? 1 : -1;
  if (got == 0) return states[fd].left ? -1 : 0;
  received += (unsigned long)got;
  if ((size_t)got > states[fd].left) return -1;
  states[fd].left -= (unsigned)got;
  return 1;
}

static void connect_again_and_again(int connections, double seconds, unsigned bytes) {
  for (int i = 0; i < connections; i++) open_one();
  double start = now(), stop = start + seconds, at;
  while ((at = now()) < stop) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 200);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd, state;
      if (events[i].events & EPOLLOUT) {
        state = ask(fd, bytes, CLOSE) ? 1 : -1;
        if (state > 0) watch(fd, EPOLL_CTL_MOD, EPOLLIN);
      } else {
        state = hear(fd);
      }
      if (state <= 0) {
        *(state ? &failed : &done) += 1;
        close(fd);
        open_one();
      }
    }
  }
  printf("%.1f %.0f %lu\n", (double)done / (at - start), (double)received / (at - start), failed);
}

static int *descriptors, opened;

/* Opens so many and asks once on each, some at a time; those that were answered are kept. */
static void open_all(int connections) {
  int under_way = 0, begun = 0;
  double stop = now() + 60;
  descriptors = calloc((size_t)connections, sizeof *descriptors);
  while ((under_way || begun < connections) && now() < stop) {
    for (; begun < connections && under_way < AT_ONCE; begun++, under_way++) open_one();
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 200);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd, state = 1;
      if (events[i].events & EPOLLOUT) {
        if (ask(fd, REQUEST, 0)) watch(fd, EPOLL_CTL_MOD, EPOLLIN);
        else state = -1;
      } else {
        state = hear(fd);
        if (state > 0 && !states[fd].left) {
          descriptors[opened++] = fd;
          under_way--;
        }
      }
      if (state <= 0) {
        failed++;
        under_way--;
        close(fd);
      }
    }
  }
}

static void kept(int connections, double seconds) {
  open_all(connections);
  for (int i = 0; i < opened; i++) ask(descriptors[i], REQUEST, 0);
  double start = now(), stop = start + seconds, at;
  while ((at = now()) < stop) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 200);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (hear(fd) <= 0) {
        failed++;
        close(fd);
      } else if (!states[fd].left) {
        done++;
        if (!ask(fd, REQUEST, 0)) failed++;
      }
    }
  }
  printf("%.1f %lu\n", (double)done / (at - start), failed);
}

static int by_size(const void *one, const void *other) {
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

static void paced(int connections, double rate, double seconds) {
  open_all(connections);
  if (!opened) fail("no connection");
  /* The n-th request is due at start + n / rate, on the connections in turn: so are their answers. */
  size_t count = (size_t)(rate * seconds), sent = 0, answered = 0;
  double *waits = calloc(count + 1, sizeof *waits);
  size_t *nth = calloc(DESCRIPTORS, sizeof *nth);
  for (int i = 0; i < opened; i++) nth[descriptors[i]] = (size_t)i;
  double start = now() + 0.01, stop = start + seconds + 1;
  for (double at = now(); answered < count && at < stop; at = now()) {
    for (; sent < count && start + (double)sent / rate <= at; sent++)
      if (!ask(descriptors[sent % (size_t)opened], REQUEST, 0)) failed++;
    double wait = sent < count ? start + (double)sent / rate - at : stop - at;
    struct timespec most = {(time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9)};
    struct epoll_event events[EVENTS];
    int ready = epoll_pwait2(epoll, events, EVENTS, &most, NULL);
    at = now();
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      unsigned before = states[fd].left;
      if (hear(fd) <= 0) {
        failed++;
        close(fd);
        continue;
      }
      for (unsigned whole = (before + REQUEST - 1) / REQUEST - (states[fd].left + REQUEST - 1) / REQUEST; whole; whole--) {
        waits[answered++] = at - (start + (double)nth[fd] / rate);
        nth[fd] += (size_t)opened;
      }
    }
  }
  failed += count - answered;
  qsort(waits, answered, sizeof *waits, by_size);
  printf("%.1f %.1f %lu\n", waits[answered / 2] * 1e6, waits[answered * 99 / 100] * 1e6, failed);
}

static void idle(int connections) {
  open_all(connections);
  printf("%d\n", opened);
  fflush(stdout);
  while (read(0, buffer, CHUNK) > 0) continue;
}

static void datagrams(int sockets, int window, double seconds) {
  unsigned long lost = 0;
  char datagram[REQUEST] = {0};
  int *all = calloc((size_t)sockets, sizeof *all);
  for (int i = 0; i < sockets; i++) {
    all[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (connect(all[i], (const struct sockaddr *)&to, sizeof to)) fail("connect");
    watch(all[i], EPOLL_CTL_ADD, EPOLLIN);
    states[all[i]].left = (unsigned)window;
    for (int j = 0; j < window; j++) send(all[i], datagram, REQUEST, 0);
  }
  double start = now(), stop = start + seconds, at;
  while ((at = now()) < stop) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 50);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      while (recv(fd, buffer, CHUNK, 0) >= 0) {
        done++;
        send(fd, datagram, REQUEST, 0);
      }
    }
    /* Nothing for so long: what was under way is lost. */
    for (int i = 0; !ready && i < sockets; i++) {
      lost += (unsigned long)window;
      for (int j = 0; j < window; j++) send(all[i], datagram, REQUEST, 0);
    }
  }
  printf("%.1f %lu\n", (double)done / (at - start), lost);
}

int main(int count, char **arguments) {
  const char *mode = count > 2 ? arguments[1] : "";
  char *colon = strchr(arguments[count - 1], ':');
  signal(SIGPIPE, SIG_IGN);
  epoll = epoll_create1(0);
  if (colon) {
    *colon = 0;
    to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(colon + 1))};
    if (!inet_pton(AF_INET, arguments[count - 1], &to.sin_addr)) fail("address");
    if (count == 3 && !strcmp(mode, "serve")) return serve(), 0;
    int many = atoi(arguments[2]);
    if (count == 6 && !strcmp(mode, "connect")) {
      return connect_again_and_again(many, atof(arguments[3]), (unsigned)atol(arguments[4])), 0;
    }
    if (count == 5 && !strcmp(mode, "kept")) return kept(many, atof(arguments[3])), 0;
    if (count == 6 && !strcmp(mode, "paced")) return paced(many, atof(arguments[3]), atof(arguments[4])), 0;
    if (count == 4 && !strcmp(mode, "idle")) return idle(many), 0;
    if (count == 6 && !strcmp(mode, "udp")) return datagrams(many, atoi(arguments[3]), atof(arguments[4])), 0;
  }
  fprintf(stderr, "usage: streams serve|connect|kept|paced|idle|udp ..., see the head of streams.c\n");
  return 64;
}
