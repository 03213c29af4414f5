# Sends one TCP SYN in a hand-made Ethernet frame, as a process with CAP_NET_RAW can, and tells whether an answer came
# (a refusal is an answer: the packet got to the host's own stack).
# Arguments: own address, MAC address of the bridge, address to reach.
import fcntl
import socket
import struct
import sys

own, mac, target = sys.argv[1:4]
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x800))
link.bind(("eth0", 0))
link.settimeout(2)
source_mac = fcntl.ioctl(link.fileno(), 0x8927, struct.pack("256s", b"eth0"))[18:24]


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


here, there = socket.inet_aton(own), socket.inet_aton(target)
tcp = struct.pack("!HHIIBBHHH", 44444, 7777, 1000, 0, 5 << 4, 2, 65535, 0, 0)
tcp = tcp[:16] + struct.pack("!H", checksum(here + there + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)) + tcp[18:]
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, 6, 0, here, there)
ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
link.send(bytes.fromhex(mac.replace(":", "")) + source_mac + b"\x08\x00" + ip + tcp)
try:
    while link.recv(2000)[26:30] != there:
        pass
    print("answer")
except TimeoutError:
    print("silence")
