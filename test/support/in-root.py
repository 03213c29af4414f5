# Makes another root file system this process's root, then runs a command in it. Has to run in a mount namespace of its own
# (unshare --mount). A chroot is not enough: dockerd and runc pivot from the real root of the mount namespace.
# Arguments: the root, a folder that stays visible under its own path, then the command.
import ctypes
import os
import sys
import warnings  # os.execvp imports it, when this Python's library is out of reach

root, shared, command = sys.argv[1], sys.argv[2], sys.argv[3:]
libc = ctypes.CDLL(None, use_errno=True)
BIND, REC, PRIVATE, DETACH = 0x1000, 0x4000, 0x40000, 2


def mount(source, target, kind=None, flags=0):
    text = lambda value: None if value is None else value.encode()
    if libc.mount(text(source), text(target), text(kind), flags, None) != 0:
        raise OSError(ctypes.get_errno(), "mount " + target)


mount(None, "/", None, REC | PRIVATE)
mount(root, root, None, BIND)
for name in ("proc", "sys", "dev", "run", "tmp", "var/tmp", "old", shared.lstrip("/")):
    os.makedirs(os.path.join(root, name), exist_ok=True)
for name in ("/proc", "/sys", "/dev"):
    mount(name, root + name, None, BIND | REC)
for name in ("/run", "/tmp", "/var/tmp"):
    mount("tmpfs", root + name, "tmpfs")
os.makedirs(root + shared, exist_ok=True)
mount(shared, root + shared, None, BIND)
os.chdir(root)
if libc.syscall(155, b".", b"old") != 0:  # pivot_root of x86_64
    raise OSError(ctypes.get_errno(), "pivot_root")
os.chdir("/")
libc.umount2(b"/old", DETACH)
os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
os.execvp(command[0], command)
