# What attacks find on the host's side: a socket that gives away an open folder (the shape of CVE-2024-21626), one that
# stands for the engine's, and one in the abstract namespace (CVE-2020-15257).
# Usage: host-side.py FOLDER. Says "ready" when all of them listen; ends with its standard input.
import os, socket, sys, threading

folder = sys.argv[1]
leaked = os.open(os.path.join(folder, "protected"), os.O_RDONLY | os.O_DIRECTORY)


def listen(path, answer):
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(path)
    server.listen(16)

    def serve():
        while True:
            peer, _ = server.accept()
            try:
                answer(peer)
            except OSError:
                pass  # it went away
            peer.close()

    threading.Thread(target=serve, daemon=True).start()


listen(os.path.join(folder, "leak.sock"), lambda peer: socket.send_fds(peer, [b"x"], [leaked]))
listen(os.path.join(folder, "engine.sock"), lambda peer: None)
listen("\0plimsoll-shim", lambda peer: None)
print("ready", flush=True)
sys.stdin.read()
