// Files and connections through io_uring: no system call of the usual names is made. Raw calls, as liburing would.
#include "tester.h"
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

struct ring {
  int file;
  struct io_uring_sqe *entries;
  unsigned *tail, *mask, *array;
  unsigned *done_head, *done_tail, *done_mask;
  struct io_uring_cqe *done;
};

static bool open_ring_with(struct ring *ring, unsigned flags) {
  struct io_uring_params setup = {.flags = flags, .sq_thread_idle = 5000};
  ring->file = (int)syscall(SYS_io_uring_setup, 4, &setup);
  if (ring->file < 0) return false;
  size_t size = setup.cq_off.cqes + setup.cq_entries * sizeof(struct io_uring_cqe);
  size_t other = setup.sq_off.array + setup.sq_entries * sizeof(unsigned);
  char *rings = mmap(NULL, size > other ? size : other, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->file, IORING_OFF_SQ_RING);
  ring->entries = mmap(NULL, setup.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->file, IORING_OFF_SQES);
  if (rings == MAP_FAILED || ring->entries == MAP_FAILED) return false;
  ring->tail = (unsigned *)(rings + setup.sq_off.tail);
  ring->mask = (unsigned *)(rings + setup.sq_off.ring_mask);
  ring->array = (unsigned *)(rings + setup.sq_off.array);
  ring->done_head = (unsigned *)(rings + setup.cq_off.head);
  ring->done_tail = (unsigned *)(rings + setup.cq_off.tail);
  ring->done_mask = (unsigned *)(rings + setup.cq_off.ring_mask);
  ring->done = (struct io_uring_cqe *)(rings + setup.cq_off.cqes);
  return true;
}

static bool open_ring(struct ring *ring) { return open_ring_with(ring, 0); }

// One entry in, its result out; below zero is an errno.
static int ask(struct ring *ring, const struct io_uring_sqe *entry) {
  unsigned index = *ring->tail & *ring->mask;
  ring->entries[index] = *entry;
  ring->array[index] = index;
  __atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring->file, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) return -errno;
  unsigned head = *ring->done_head;
  if (head == __atomic_load_n(ring->done_tail, __ATOMIC_ACQUIRE)) return -EAGAIN;
  int result = ring->done[head & *ring->done_mask].res;
  __atomic_store_n(ring->done_head, head + 1, __ATOMIC_RELEASE);
  return result;
}

static bool asked(struct report *report, struct ring *ring, const struct io_uring_sqe *entry, const char *what) {
  int result = ask(ring, entry);
  errno = result < 0 ? -result : 0;
  return took(report, result < 0 ? -1 : result, what);
}

ACTION(ring_only, "io-uring-setup") {
  struct ring ring;
  if (open_ring(&ring)) took(report, 0, "io_uring_setup");
  else failed(report, "io_uring_setup");
}

ACTION(ring_file, "io-uring-file") {
  struct ring ring;
  static char bytes[64];
  if (!open_ring(&ring)) return failed(report, "io_uring_setup");
  const char *path = argument(arguments, 0, "/etc/shadow");
  struct io_uring_sqe opening = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (unsigned long)path, .open_flags = O_RDONLY};
  int file = ask(&ring, &opening);
  errno = file < 0 ? -file : 0;
  if (file < 0) return failed(report, path);
  struct io_uring_sqe reading = {.opcode = IORING_OP_READ, .fd = file, .addr = (unsigned long)bytes, .len = sizeof bytes};
  asked(report, &ring, &reading, path);
}

ACTION(ring_write, "io-uring-write") {
  struct ring ring;
  if (!open_ring(&ring)) return failed(report, "io_uring_setup");
  const char *path = argument(arguments, 0, "/host/protected/ring");
  struct io_uring_sqe opening = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (unsigned long)path, .len = 0644, .open_flags = O_WRONLY | O_CREAT};
  int file = ask(&ring, &opening);
  errno = file < 0 ? -file : 0;
  if (file < 0) return failed(report, path);
  struct io_uring_sqe writing = {.opcode = IORING_OP_WRITE, .fd = file, .addr = (unsigned long)"changed", .len = 7};
  asked(report, &ring, &writing, path);
}

ACTION(ring_connect, "io-uring-connect") {
  struct ring ring;
  if (!open_ring(&ring)) return failed(report, "io_uring_setup");
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(4444)};
  inet_pton(AF_INET, argument(arguments, 0, "127.0.0.9"), &to.sin_addr);
  int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct io_uring_sqe connecting = {.opcode = IORING_OP_CONNECT, .fd = peer, .addr = (unsigned long)&to, .off = sizeof to};
  int result = ask(&ring, &connecting);
  errno = result < 0 ? -result : 0;
  took(report, result == -ECONNREFUSED || result >= 0 ? 0 : -1, "connect by a ring");
}

// A thread of the kernel takes what lies in the ring: no system call asks for it.
static int lay_down(struct ring *ring, const struct io_uring_sqe *entry) {
  unsigned index = *ring->tail & *ring->mask;
  ring->entries[index] = *entry;
  ring->array[index] = index;
  __atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
  for (int tries = 0; tries < 3000; tries++, usleep(1000)) {
    // It may have gone to sleep: the call wakes it, and submits nothing.
    if (tries % 50 == 49) syscall(SYS_io_uring_enter, ring->file, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0);
    unsigned head = *ring->done_head;
    if (head == __atomic_load_n(ring->done_tail, __ATOMIC_ACQUIRE)) continue;
    int result = ring->done[head & *ring->done_mask].res;
    __atomic_store_n(ring->done_head, head + 1, __ATOMIC_RELEASE);
    return result;
  }
  return -ETIMEDOUT;
}

ACTION(polled_connect, "io-uring-polled-connect") {
  struct ring ring;
  if (!open_ring_with(&ring, IORING_SETUP_SQPOLL)) return failed(report, "io_uring_setup");
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argument(arguments, 1, "4444")))};
  inet_pton(AF_INET, argument(arguments, 0, "127.0.0.9"), &to.sin_addr);
  int peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct io_uring_sqe connecting = {.opcode = IORING_OP_CONNECT, .fd = peer, .addr = (unsigned long)&to, .off = sizeof to};
  int result = lay_down(&ring, &connecting);
  errno = result < 0 ? -result : 0;
  took(report, result == -ECONNREFUSED || result >= 0 ? 0 : -1, "connect by a thread of the kernel");
}

ACTION(polled_write, "io-uring-polled-write") {
  struct ring ring;
  if (!open_ring_with(&ring, IORING_SETUP_SQPOLL)) return failed(report, "io_uring_setup");
  const char *path = argument(arguments, 0, "/host/protected/polled");
  struct io_uring_sqe opening = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (unsigned long)path, .len = 0644, .open_flags = O_WRONLY | O_CREAT};
  int file = lay_down(&ring, &opening);
  errno = file < 0 ? -file : 0;
  if (file < 0) return failed(report, path);
  struct io_uring_sqe writing = {.opcode = IORING_OP_WRITE, .fd = file, .addr = (unsigned long)"changed", .len = 7};
  int result = lay_down(&ring, &writing);
  errno = result < 0 ? -result : 0;
  took(report, result < 0 ? -1 : result, path);
}
