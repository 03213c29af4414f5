// Where a container should not go, and how it is entered. Only addresses that nobody else has are asked.
#include "tester.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct sockaddr_storage to_address(const char *text, int port, socklen_t *size) {
  struct sockaddr_storage storage = {0};
  struct sockaddr_in *four = (struct sockaddr_in *)&storage;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)&storage;
  bool isSix = inet_pton(AF_INET6, text, &six->sin6_addr) == 1;
  *size = isSix ? sizeof *six : sizeof *four;
  if (isSix) six->sin6_family = AF_INET6, six->sin6_port = htons((uint16_t)port);
  else inet_pton(AF_INET, text, &four->sin_addr), four->sin_family = AF_INET, four->sin_port = htons((uint16_t)port);
  return storage;
}

// Refused by the other side, or not there: the kernel would have let it go.
static bool went(int error) {
  return error == ECONNREFUSED || error == EINPROGRESS || error == ENETUNREACH || error == EHOSTUNREACH;
}

static void go(struct report *report, int type, const char *address, int port) {
  socklen_t size;
  struct sockaddr_storage to = to_address(address, port, &size);
  int peer = socket(to.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  long result = connect(peer, (struct sockaddr *)&to, size);
  if (result < 0 && went(errno)) result = 0;
  char what[80];
  snprintf(what, sizeof what, "connect to %s port %d", address, port);
  took(report, result, what);
}

static void go_as_told(struct report *report, struct arguments arguments, int type, const char *address, const char *port) {
  go(report, type, argument(arguments, 0, address), atoi(argument(arguments, 1, port)));
}

ACTION(connect_outside, "connect") { go_as_told(report, arguments, SOCK_STREAM, "127.0.0.9", "4444"); }

ACTION(connect_outside_6, "connect-ipv6") { go_as_told(report, arguments, SOCK_STREAM, "::1", "4444"); }

// An IPv4 address in the clothes of IPv6.
ACTION(connect_mapped, "connect-mapped") { go_as_told(report, arguments, SOCK_STREAM, "::ffff:127.0.0.9", "4444"); }

// The address under which clouds give away credentials.
ACTION(connect_metadata, "connect-metadata") { go_as_told(report, arguments, SOCK_STREAM, "169.254.169.254", "80"); }

// An address of RFC 5737, for documentation: nobody has it.
ACTION(connect_far, "connect-far-443") { go_as_told(report, arguments, SOCK_STREAM, "203.0.113.7", "443"); }

ACTION(send_outside, "send-udp") {
  socklen_t size;
  struct sockaddr_storage to = to_address(argument(arguments, 0, "127.0.0.9"), atoi(argument(arguments, 1, "4444")), &size);
  int peer = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  took(report, sendto(peer, "x", 1, 0, (struct sockaddr *)&to, size), "sendto");
}

ACTION(open_port, "bind") {
  socklen_t size;
  struct sockaddr_storage own = to_address("0.0.0.0", atoi(argument(arguments, 0, "4445")), &size);
  int port = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (took(report, bind(port, (struct sockaddr *)&own, size), "bind")) took(report, listen(port, 1), "listen");
}

// The same, gone before anybody can look at its descriptors.
ACTION(brief_shell, "reverse-shell-brief") {
  socklen_t size = sizeof(struct sockaddr_in);
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int port = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(port, (struct sockaddr *)&own, size) < 0 || listen(port, 1) < 0) return failed(report, "the other side");
  getsockname(port, (struct sockaddr *)&own, &size);
  pid_t shell = fork();
  if (shell == 0) {
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(peer, (struct sockaddr *)&own, size) < 0) _exit(1);
    for (int each = 0; each < 3; each++) dup2(peer, each);
    execl("/bin/sh", "sh", "-c", "echo 42-from-shell", NULL);
    _exit(1);
  }
  struct pollfd waiting = {port, POLLIN, 0};
  int peer = poll(&waiting, 1, 3000) == 1 ? accept(port, NULL, NULL) : -1;
  char said[64] = "";
  struct pollfd talking = {peer, POLLIN, 0};
  if (peer >= 0 && poll(&talking, 1, 3000) == 1) report->ok = read(peer, said, sizeof said - 1) > 0 && strstr(said, "42") != NULL;
  snprintf(report->detail, DETAIL_BYTES, report->ok ? "the shell answered over the network" : "no shell answered");
  waitpid(shell, NULL, 0);
}

// A program whose input and output are a connection.
ACTION(reverse_shell, "reverse-shell") {
  socklen_t size = sizeof(struct sockaddr_in);
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int port = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(port, (struct sockaddr *)&own, size) < 0 || listen(port, 1) < 0) return failed(report, "the other side");
  getsockname(port, (struct sockaddr *)&own, &size);
  pid_t shell = fork();
  if (shell == 0) {
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(peer, (struct sockaddr *)&own, size) < 0) _exit(1);
    for (int each = 0; each < 3; each++) dup2(peer, each);
    execl("/bin/sh", "sh", "-i", NULL);
    _exit(1);
  }
  struct pollfd waiting = {port, POLLIN, 0};
  int peer = poll(&waiting, 1, 3000) == 1 ? accept(port, NULL, NULL) : -1;
  char said[256] = "";
  bool isAnswered = peer >= 0 && write(peer, "echo $((40+2))-from-shell\n", 26) == 26;
  for (int tries = 0; isAnswered && tries < 20 && strstr(said, "42-from-shell") == NULL; tries++) {
    struct pollfd talking = {peer, POLLIN, 0};
    size_t length = strlen(said);
    if (poll(&talking, 1, 200) == 1 && read(peer, said + length, sizeof said - 1 - length) <= 0) break;
  }
  report->ok = strstr(said, "42-from-shell") != NULL;
  usleep(300000); // nobody talks to a shell for less
  snprintf(report->detail, DETAIL_BYTES, report->ok ? "the shell answered over the network" : "no shell answered");
  kill(shell, SIGKILL);
  waitpid(shell, NULL, 0);
}
