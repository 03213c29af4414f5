# Runs a command in a pseudo-terminal of 80x24, types when the screen shows what it waits for, and prints what the
# terminal showed. Arguments: JSON [{"wait": text, "type": text}, ...], seconds to wait at most, then the command.
# Exits with the command's status; 125 when something it waited for never came.
import json
import os
import pty
import select
import struct
import fcntl
import sys
import termios
import time

keys, limit, command = json.loads(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
shown, seen, deadline = b"", 0, time.monotonic() + limit


def read():
    """False at the end of the output."""
    global shown
    if not select.select([terminal], [], [], 0.1)[0]:
        return True
    try:
        data = os.read(terminal, 65536)
    except OSError:
        return False
    shown += data
    return data != b""


is_open = True
for key in keys:
    wanted = key["wait"].encode()
    while is_open and wanted not in shown[seen:] and time.monotonic() < deadline:
        is_open = read()
    if wanted not in shown[seen:]:
        break
    seen = shown.index(wanted, seen) + len(wanted)
    # A program may set up its terminal after it has printed.
    time.sleep(0.3)
    os.write(terminal, key["type"].encode())
else:
    while is_open and time.monotonic() < deadline:
        is_open = read()
os.write(1, shown)
if is_open:
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    sys.exit(125)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
