// Ways out of a container: the last step of each, tried for real. What would harm a machine is only played in a guest.
#include "tester.h"
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

ACTION(mount_tmpfs, "mount") {
  if (took(report, mount("none", "/mnt", "tmpfs", 0, ""), "mount of a tmpfs")) umount("/mnt");
}

ACTION(new_mount_api, "fsopen") { took(report, syscall(SYS_fsopen, "tmpfs", 0), "fsopen"); }

ACTION(bind_mount, "mount-bind") {
  if (took(report, mount("/etc", "/mnt", NULL, MS_BIND, NULL), "bind mount")) umount("/mnt");
}

ACTION(pivot, "pivot-root") { took(report, syscall(SYS_pivot_root, "/", "/"), "pivot_root"); }

ACTION(make_bpf_map, "bpf-map") {
  union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
  took(report, syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes), "bpf");
}

// The argument is a module of the running kernel.
ACTION(load_module, "module-finit") {
  int file = open(argument(arguments, 0, "/module.ko"), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed(report, "the module");
  syscall(SYS_delete_module, "dummy", O_NONBLOCK); // of an earlier try
  if (took(report, syscall(SYS_finit_module, file, "", 0), "finit_module")) syscall(SYS_delete_module, "dummy", O_NONBLOCK);
}

ACTION(load_module_bytes, "module-init") {
  static char bytes[1 << 20];
  int file = open(argument(arguments, 0, "/module.ko"), O_RDONLY | O_CLOEXEC);
  ssize_t count = file < 0 ? -1 : read(file, bytes, sizeof bytes);
  if (count < 0) return failed(report, "the module");
  syscall(SYS_delete_module, "dummy", O_NONBLOCK);
  if (took(report, syscall(SYS_init_module, bytes, count, ""), "init_module")) syscall(SYS_delete_module, "dummy", O_NONBLOCK);
}

ACTION(new_user_namespace, "unshare-user") { took(report, unshare(CLONE_NEWUSER), "unshare of the user namespace"); }

ACTION(new_mount_namespace, "unshare-mount") { took(report, unshare(CLONE_NEWNS), "unshare of the mount namespace"); }

ACTION(clone_namespace, "clone-user") {
  long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0);
  if (pid == 0) _exit(0);
  took(report, pid, "clone into a new user namespace");
}

// Into the first process's namespaces, as nsenter does.
ACTION(enter_mounts, "setns-mount") {
  int other = open(argument(arguments, 0, "/proc/1/ns/mnt"), O_RDONLY | O_CLOEXEC);
  if (other < 0) return failed(report, "the namespace");
  took(report, setns(other, CLONE_NEWNS), "setns");
}

ACTION(enter_by_pidfd, "setns-pidfd") {
  int process = (int)syscall(SYS_pidfd_open, 1, 0);
  if (process < 0) return failed(report, "pidfd_open");
  took(report, setns(process, CLONE_NEWNS | CLONE_NEWUTS), "setns of a process");
}

static void write_setting(struct report *report, const char *path, const char *text) {
  took(report, write_file(path, 0, 0, text) ? 0 : -1, path);
}

// CVE-2022-0492 and the classic escape end like this: a program of the host's kernel, in the host's namespaces.
ACTION(core_pattern, "core-pattern") { write_setting(report, "/proc/sys/kernel/core_pattern", "|/nothing %p"); }

ACTION(modprobe_path, "modprobe-path") { write_setting(report, "/proc/sys/kernel/modprobe", "/sbin/modprobe"); }

ACTION(uevent_helper, "uevent-helper") { write_setting(report, "/sys/kernel/uevent_helper", "/nothing"); }

ACTION(binfmt, "binfmt-misc") {
  mount("none", "/mnt", "binfmt_misc", 0, "");
  write_setting(report, "/mnt/register", ":plimsoll:M::plimsoll::/nothing:");
  umount("/mnt");
}

ACTION(sysctl, "proc-sys-write") { write_setting(report, argument(arguments, 0, "/proc/sys/kernel/domainname"), "x"); }

ACTION(sysrq, "sysrq-trigger") { write_setting(report, "/proc/sysrq-trigger", "h"); }

ACTION(release_agent, "release-agent") {
  mkdir("/cgroup", 0755);
  if (mount("cgroup", "/cgroup", "cgroup", 0, argument(arguments, 0, "none,name=plimsoll")) < 0)
    return failed(report, "mount of a cgroup hierarchy");
  write_setting(report, "/cgroup/release_agent", "/nothing");
  umount("/cgroup");
}

// A node of a device of the host, opened and read.
ACTION(block_device, "block-device") {
  unlink("/disk");
  dev_t device = makedev(atoi(argument(arguments, 0, "7")), atoi(argument(arguments, 1, "0")));
  if (mknod("/disk", S_IFBLK | 0600, device) < 0) return failed(report, "mknod");
  int file = open("/disk", O_RDONLY | O_CLOEXEC);
  took(report, file, "open of a block device");
  unlink("/disk");
}

ACTION(kernel_memory, "kernel-memory-device") {
  unlink("/kmsg");
  if (mknod("/kmsg", S_IFCHR | 0600, makedev(1, 11)) < 0) return failed(report, "mknod");
  took(report, open("/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC), "open of the kernel's log");
  unlink("/kmsg");
}

ACTION(add_key_to_ring, "keyctl") {
  took(report, syscall(SYS_add_key, "user", "plimsoll", "x", 1, KEY_SPEC_PROCESS_KEYRING), "add_key");
}

ACTION(page_faults, "userfaultfd") { took(report, syscall(SYS_userfaultfd, O_CLOEXEC), "userfaultfd"); }

ACTION(packet_socket, "packet-socket") { took(report, socket(AF_PACKET, SOCK_RAW, 0x0300), "a packet socket"); }

ACTION(raw_socket, "raw-socket") { took(report, socket(AF_INET, SOCK_RAW, 1), "a raw socket"); }

// "Shocker" (2014): files outside of the container by handle, with CAP_DAC_READ_SEARCH.
ACTION(by_handle, "open-by-handle") {
  struct { struct file_handle head; unsigned char bytes[128]; } handle = {.head = {.handle_bytes = 128}};
  int mount_id, folder = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
  if (name_to_handle_at(AT_FDCWD, "/etc/hosts", &handle.head, &mount_id, 0) < 0) return failed(report, "name_to_handle_at");
  took(report, open_by_handle_at(folder, &handle.head, O_RDONLY), "open_by_handle_at");
}

// CVE-2019-5736 ends like this: the program on the host that runs this process is opened again, for writing.
static void overwrite_self(struct report *report, const char *program) {
  char *words[] = {(char *)program, "ran", NULL}, *environment[] = {NULL};
  if (!ran(report, run(program, words, environment), program)) return;
  int seen = open(program, O_PATH | O_CLOEXEC);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", seen);
  took(report, write_file(path, O_APPEND, 0, "changed") ? 0 : -1, "the host's program was changed");
}

ACTION(overwrite_runtime, "overwrite-host-program") { overwrite_self(report, argument(arguments, 0, "/host/program")); }

// CVE-2024-21626 (runc, leaked fd) ends like this: a folder of the host is left open, and one goes on from there.
ACTION(leaked_folder, "leaked-folder") {
  int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", argument(arguments, 0, "/host/leak.sock"));
  if (connect(peer, (struct sockaddr *)&address, sizeof address) < 0) return failed(report, "the leak");
  char byte, control[CMSG_SPACE(sizeof(int))] = "";
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  if (recvmsg(peer, &message, 0) < 0 || CMSG_FIRSTHDR(&message) == NULL) return failed(report, "no folder was leaked");
  int folder;
  memcpy(&folder, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof folder);
  took(report, openat(folder, "from-the-container", O_WRONLY | O_CREAT | O_CLOEXEC, 0644), "a file on the host");
}

ACTION(write_on_host, "host-path-write") {
  const char *path = argument(arguments, 0, "/host/protected/file");
  took(report, write_file(path, O_CREAT | O_TRUNC, 0644, "changed") ? 0 : -1, path);
}

ACTION(rename_on_host, "host-path-rename") {
  took(report, rename("/host/protected/old", "/host/protected/new"), "rename below a protected folder");
}

ACTION(unlink_on_host, "host-path-unlink") {
  took(report, unlink("/host/protected/unneeded"), "unlink below a protected folder");
}

ACTION(link_on_host, "host-path-symlink") {
  unlink("/host/protected/link");
  took(report, symlink("/etc/shadow", "/host/protected/link"), "a link below a protected folder");
}

// CVE-2020-15257 (a shim's abstract socket) with a leading @, an engine's socket otherwise.
ACTION(unix_connect, "unix-connect") {
  const char *path = argument(arguments, 0, "/host/engine.sock");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  size_t size = offsetof(struct sockaddr_un, sun_path) + strlen(path);
  if (path[0] == '@') address.sun_path[0] = 0;
  took(report, connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, (socklen_t)size), path);
}

// CVE-2025-31133 and 52881 (runc, masked and redirected paths) end with a write like this, once the mask is a link elsewhere.
ACTION(masked_path, "masked-path") {
  char bytes[16] = "";
  took(report, read_some("/proc/kcore", bytes, sizeof bytes) && memcmp(bytes, "\177ELF", 4) == 0 ? 0 : -1, "/proc/kcore");
}
