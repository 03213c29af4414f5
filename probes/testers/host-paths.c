// Files of the host are changed by other roads than an open: attributes, lengths, times, new names, and descriptors that were
// open before anybody looked.
#include "tester.h"
#include <sys/mman.h>
#include <sys/xattr.h>

#define FILE_THERE "/host/protected/file"

ACTION(attribute, "host-path-xattr") { took(report, setxattr(FILE_THERE, "user.tried", "x", 1, 0), "setxattr"); }

ACTION(times, "host-path-utimes") {
  struct timespec back[2] = {{1, 0}, {1, 0}};
  took(report, utimensat(AT_FDCWD, FILE_THERE, back, 0), "utimensat");
}

ACTION(device, "host-path-mknod") {
  unlink("/host/protected/pipe");
  took(report, mknod("/host/protected/pipe", S_IFIFO | 0644, 0), "mknod");
}

ACTION(folder, "host-path-mkdir") {
  rmdir("/host/protected/folder");
  took(report, mkdir("/host/protected/folder", 0755), "mkdir");
}

// O_TRUNC does its work although nothing can be written through the descriptor.
ACTION(cut, "host-path-cut-by-reading") { took(report, open(FILE_THERE, O_RDONLY | O_TRUNC | O_CLOEXEC), "open to read, and cut"); }

static long change(int file, const char *how, char *mapped) {
  switch (how[0]) {
  case 'w': return write(file, "changed", 7);
  case 'm': return mapped[0] = 'm', msync(mapped, 4096, MS_SYNC);
  case 'f': return fallocate(file, 0, 0, 65536);
  case 't': return ftruncate(file, 3);
  case 'c': return fchmod(file, 0777);
  case 'o': return fchown(file, 4242, 4242);
  default: return fsetxattr(file, "user.tried", "x", 1, 0);
  }
}

// held-descriptor HOW: opens first, waits for the file /host/go, and only then does it.
ACTION(held, "held-descriptor") {
  int file = open(FILE_THERE, O_RDWR | O_CLOEXEC);
  char *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (file < 0 || mapped == MAP_FAILED) return failed(report, FILE_THERE);
  for (int i = 0; i < 2000 && access("/host/go", F_OK) < 0; i++) usleep(10000);
  took(report, change(file, argument(arguments, 0, "write"), mapped), "a descriptor that was open before");
}
