/*
 * Client and server of the packet measurements: epoll, one thread each, nothing but sockets.
 *
 *   packets serve PORT                                     answers until it is killed
 *   packets connect CONCURRENCY SECONDS BYTES ADDRESS:PORT...
 *       keeps CONCURRENCY connections open, each: connect, ask for BYTES, read them to the end, close. Addresses take turns.
 *       Prints connections a second, bytes a second, and failed connections.
 *
 * The request is the number of bytes wanted, four bytes in network order. The server closes first, so TIME_WAIT stays at
 * the server's address and the client's ports are free at once: neither limits the rate.
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

enum { EVENTS = 64, MOST = 1024, CHUNK = 256 * 1024 };

static char buffer[CHUNK];
static size_t left[65536]; /* by descriptor: bytes that are still to come or to go */

static void fail(const char *what) {
  fprintf(stderr, "packets: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void watch(int epoll, int descriptor, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  if (epoll_ctl(epoll, operation, descriptor, &event)) fail("epoll_ctl");
}

static void serve(int port) {
  int yes = 1, epoll = epoll_create1(0);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 1024)) fail("listen");
  watch(epoll, listener, EPOLL_CTL_ADD, EPOLLIN);
  for (;;) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          left[fd] = 0;
          watch(epoll, fd, EPOLL_CTL_ADD, EPOLLIN);
        }
        continue;
      }
      if (!left[fd]) {
        unsigned wanted = 0;
        ssize_t got = recv(fd, &wanted, sizeof wanted, 0);
        if (got < 0 && errno == EAGAIN) continue;
        if (got != sizeof wanted || !wanted) {
          close(fd);
          continue;
        }
        left[fd] = ntohl(wanted);
      }
      while (left[fd]) {
        ssize_t sent = send(fd, buffer, left[fd] < CHUNK ? left[fd] : CHUNK, MSG_NOSIGNAL);
        if (sent < 0) {
          if (errno == EAGAIN) {
            watch(epoll, fd, EPOLL_CTL_MOD, EPOLLOUT);
          } else {
            left[fd] = 0;
          }
          break;
        }
        left[fd] -= (size_t)sent;
      }
      if (!left[fd]) close(fd);
    }
  }
}

static int connecting(int epoll, const struct sockaddr_in *to, size_t bytes) {
  int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(fd, (const struct sockaddr *)to, sizeof *to) && errno != EINPROGRESS) fail("connect");
  left[fd] = bytes;
  watch(epoll, fd, EPOLL_CTL_ADD, EPOLLOUT);
  return fd;
}

int main(int count, char **arguments) {
  signal(SIGPIPE, SIG_IGN);
  if (count == 3 && !strcmp(arguments[1], "serve")) serve(atoi(arguments[2]));
  if (count < 6 || strcmp(arguments[1], "connect")) {
    fprintf(stderr, "usage: packets serve PORT | packets connect CONCURRENCY SECONDS BYTES ADDRESS:PORT...\n");
    return 64;
  }
  int concurrency = atoi(arguments[2]), targets = count - 5, next = 0, epoll = epoll_create1(0);
  size_t bytes = (size_t)atol(arguments[4]);
  struct sockaddr_in to[MOST];
  for (int i = 0; i < targets && i < MOST; i++) {
    char *colon = strchr(arguments[5 + i], ':');
    if (!colon) fail("an address without a port");
    *colon = 0;
    to[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(colon + 1))};
    if (!inet_pton(AF_INET, arguments[5 + i], &to[i].sin_addr)) fail("address");
  }
  unsigned wanted = htonl((unsigned)bytes);
  unsigned long done = 0, failed = 0, received = 0;
  for (int i = 0; i < concurrency; i++) connecting(epoll, &to[next++ % targets], bytes);
  double start = now(), stop = start + atof(arguments[3]), at = start;
  while ((at = now()) < stop) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 200);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd, over = 0;
      if (events[i].events & EPOLLOUT) {
        if (send(fd, &wanted, sizeof wanted, 0) == sizeof wanted) {
          watch(epoll, fd, EPOLL_CTL_MOD, EPOLLIN);
        } else {
          over = -1;
        }
      } else {
        ssize_t got = recv(fd, buffer, CHUNK, 0);
        if (got > 0) {
          received += (unsigned long)got;
          left[fd] -= (size_t)got;
        } else if (got == 0) {
          over = left[fd] ? -1 : 1;
        } else if (errno != EAGAIN) {
          over = -1;
        }
      }
      if (over) {
        *(over > 0 ? &done : &failed) += 1;
        close(fd);
        connecting(epoll, &to[next++ % targets], bytes);
      }
    }
  }
  printf("%.1f %.0f %lu\n", (double)done / (at - start), (double)received / (at - start), failed);
  return 0;
}
