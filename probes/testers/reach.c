// Ways out of an allow-list: packets that never asked to connect, and ports that nobody bound.
#include "tester.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static struct sockaddr_in to_ipv4(struct arguments arguments, int index, const char *port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argument(arguments, index + 1, port)))};
  inet_pton(AF_INET, argument(arguments, index, "127.0.0.9"), &to.sin_addr);
  return to;
}

static uint16_t sum(const void *bytes, size_t length) {
  uint32_t total = 0;
  for (size_t at = 0; at + 1 < length; at += 2) total += *(const uint16_t *)((const char *)bytes + at);
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return (uint16_t)~total;
}

static void ping(struct report *report, struct arguments arguments, int type) {
  struct sockaddr_in to = to_ipv4(arguments, 0, "0");
  int peer = socket(AF_INET, type | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (peer < 0) return failed(report, "socket");
  struct icmphdr echo = {.type = ICMP_ECHO, .un.echo = {.id = 7, .sequence = 1}};
  echo.checksum = sum(&echo, sizeof echo);
  if (!took(report, sendto(peer, &echo, sizeof echo, 0, (struct sockaddr *)&to, sizeof to), "sendto")) return;
  struct pollfd waiting = {peer, POLLIN, 0};
  report->ok = poll(&waiting, 1, 1500) == 1;
  snprintf(report->detail, DETAIL_BYTES, report->ok ? "an answer came" : "no answer came");
}

ACTION(ping_raw, "ping-raw") { ping(report, arguments, SOCK_RAW); }
ACTION(ping_datagram, "ping-datagram") { ping(report, arguments, SOCK_DGRAM); }

// A datagram that is written whole, with its headers.
ACTION(datagram_raw, "udp-raw") {
  struct sockaddr_in to = to_ipv4(arguments, 0, "9999");
  struct {
    struct iphdr ip;
    struct udphdr udp;
    char text[8];
  } packet = {.ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .daddr = to.sin_addr.s_addr},
              .udp = {.source = htons(4000), .dest = to.sin_port, .len = htons(16)}};
  int peer = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (peer < 0) return failed(report, "socket");
  took(report, sendto(peer, &packet, sizeof packet, 0, (struct sockaddr *)&to, sizeof to), "sendto");
}

// Connection and first data in one call, without connect.
ACTION(fast_open, "fast-open") {
  struct sockaddr_in to = to_ipv4(arguments, 0, "443");
  int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  took(report, sendto(peer, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof to), "sendto");
}

ACTION(multipath, "mptcp") {
  struct sockaddr_in to = to_ipv4(arguments, 0, "443");
  int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
  if (peer < 0) return failed(report, "socket");
  alarm(4);
  took(report, connect(peer, (struct sockaddr *)&to, sizeof to), "connect");
}

// Once to where it may go; then the same socket is taken elsewhere.
ACTION(reconnect, "reconnect") {
  struct sockaddr_in allowed = to_ipv4(arguments, 0, "443"), to = to_ipv4(arguments, 2, "443");
  int peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (!took(report, connect(peer, (struct sockaddr *)&allowed, sizeof allowed), "first connect")) return;
  took(report, connect(peer, (struct sockaddr *)&to, sizeof to), "second connect");
}

// Open while it was allowed; data long after. `stream` or `datagram`, then address, port and seconds between.
ACTION(keep_open, "keep-open") {
  struct sockaddr_in to = to_ipv4(arguments, 1, "443");
  bool isStream = strcmp(argument(arguments, 0, "stream"), "stream") == 0;
  int peer = socket(AF_INET, (isStream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
  if (!took(report, connect(peer, (struct sockaddr *)&to, sizeof to), "connect")) return;
  sleep((unsigned)atoi(argument(arguments, 3, "2")));
  took(report, send(peer, "x", 1, MSG_NOSIGNAL), "send");
}

// A port that the kernel chooses. Its number is told at once, for who wants to connect.
static void wait_for_caller(struct report *report, int port) {
  struct sockaddr_in own;
  socklen_t size = sizeof own;
  getsockname(port, (struct sockaddr *)&own, &size);
  printf("port %d\n", ntohs(own.sin_port));
  fflush(stdout);
  struct pollfd waiting = {port, POLLIN, 0};
  report->ok = poll(&waiting, 1, 20000) == 1;
  // Whoever ends with a caller still waiting resets it: the caller hangs up first.
  struct pollfd caller = {report->ok ? accept4(port, NULL, NULL, SOCK_CLOEXEC) : -1, POLLIN, 0};
  if (caller.fd >= 0) poll(&caller, 1, 5000);
  snprintf(report->detail, DETAIL_BYTES, report->ok ? "somebody connected" : "nobody connected");
}

ACTION(listen_unbound, "listen-unbound") {
  int port = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (took(report, listen(port, 1), "listen")) wait_for_caller(report, port);
}

ACTION(listen_any_port, "listen-any-port") {
  struct sockaddr_in own = {.sin_family = AF_INET};
  int port = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (!took(report, bind(port, (struct sockaddr *)&own, sizeof own), "bind")) return;
  if (took(report, listen(port, 1), "listen")) wait_for_caller(report, port);
}

// A frame that is written whole, past everything that looks at addresses.
ACTION(frame, "frame") {
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = 1, .sll_halen = 6};
  int peer = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP));
  if (peer < 0) return failed(report, "socket");
  struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};
  took(report, sendto(peer, &ip, sizeof ip, 0, (struct sockaddr *)&to, sizeof to), "sendto");
}

// From an address that is not its own, as a proxy would: whoever looks at senders is fooled.
ACTION(transparent, "transparent") {
  struct sockaddr_in to = to_ipv4(arguments, 0, "443"), own = {.sin_family = AF_INET};
  inet_pton(AF_INET, "203.0.113.200", &own.sin_addr);
  int peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
  if (!took(report, setsockopt(peer, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof on), "setsockopt")) return;
  if (!took(report, bind(peer, (struct sockaddr *)&own, sizeof own), "bind to another's address")) return;
  took(report, sendto(peer, "x", 1, 0, (struct sockaddr *)&to, sizeof to), "sendto");
}
