"""A wire between two network namespaces: two TUN devices, and a delay and losses between them.

Reads IPv4 packets from either device, writes them to the other one after `delayUs`, and drops some. Whether a
packet is dropped follows from what it is (connection, direction, position in the stream, how often it was seen),
by the hash that fate.ts has too, so that the model can drop the very same ones. First in, first out.

Left out: a rate and queues, jitter, IPv6, everything that is not TCP over IPv4 without IP options (dropped).

Arguments: two namespaces, with an address each, the first port of the client, and the congestion control. One JSON object per line on stdin
sets `loss` (a threshold below 2^32), `seed`, `isBlackHole`, `delayUs`, or asks for `stats`. Ends with its stdin, and after eight minutes.
"""
import collections, ctypes, fcntl, json, os, select, struct, subprocess, sys, time

LIFETIME_S = 480
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET, PR_SET_TIMERSLACK = 0x40000000, 29
FIN_SYN_RST = 0x07
SYN, DATA, ACKNOWLEDGEMENT = 1, 2, 3
WORD = 0xFFFFFFFF
libc = ctypes.CDLL(None, use_errno=True)


def fate(seed, words):
    """See fate.ts."""
    h = seed & WORD
    for word in words:
        h = ((h ^ (word & WORD)) * 0x85EBCA6B) & WORD
        h ^= h >> 13
        h = (h * 0xC2B2AE35) & WORD
        h ^= h >> 16
    return h


def open_tun(namespace, address, peer, congestion):
    with open(f"/var/run/netns/{namespace}") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"wire", IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "address", "add", address, "peer", peer, "dev", "wire"], check=True)
    subprocess.run(["ip", "link", "set", "wire", "up", "txqueuelen", "10000"], check=True)
    # By the route, for a namespace may not always choose it for all its connections.
    subprocess.run(["ip", "route", "replace", peer, "dev", "wire", "src", address, "congctl", congestion], check=True)
    return fd


class Wire:
    def __init__(self, first_port):
        self.first_port = first_port
        self.seed, self.loss, self.delay_us, self.is_black_hole = 1, 0, 25_000, False
        self.initial, self.seen = {}, collections.Counter()
        self.forwarded = self.dropped = 0
        self.late_us = []

    def drops(self, direction, packet):
        if len(packet) < 40 or packet[0] != 0x45 or packet[9] != 6:
            return True
        source, target, sequence, ack, offset, flags = struct.unpack_from("!HHIIBB", packet, 20)
        connection = (source if direction == 0 else target) - self.first_port
        length = len(packet) - 20 - (offset >> 4) * 4
        if flags & 0x02:
            self.initial[connection, direction] = (sequence + 1) & WORD
            kind, position = SYN, 0
        elif length > 0 or flags & FIN_SYN_RST:
            kind, position = DATA, sequence - self.initial.get((connection, direction), 0)
        else:
            kind, position = ACKNOWLEDGEMENT, ack - self.initial.get((connection, 1 - direction), 0)
        key = (connection, direction, kind, position & WORD)
        attempt = self.seen[key]
        self.seen[key] += 1
        return self.is_black_hole or fate(self.seed, (*key, attempt)) < self.loss

    def command(self, line):
        wish = json.loads(line)
        self.seed = wish.get("seed", self.seed)
        self.loss = wish.get("loss", self.loss)
        self.delay_us = wish.get("delayUs", self.delay_us)
        self.is_black_hole = wish.get("isBlackHole", self.is_black_hole)
        late = sorted(self.late_us)
        answer = {"forwarded": self.forwarded, "dropped": self.dropped,
                  "lateP50Us": late[len(late) // 2] if late else 0, "lateP99Us": late[len(late) * 99 // 100] if late else 0}
        if wish.get("stats"):
            self.forwarded = self.dropped = 0
            self.late_us = []
        print(json.dumps(answer), flush=True)


def main():
    client, client_address, server, server_address, first_port, congestion = sys.argv[1:7]
    fds = [open_tun(client, client_address, server_address, congestion), open_tun(server, server_address, client_address, congestion)]
    libc.prctl(PR_SET_TIMERSLACK, 1000)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    except OSError:
        pass  # only less exact on a busy machine
    wire = Wire(int(first_port))
    waiting = collections.deque()
    end = time.monotonic() + LIFETIME_S
    print(json.dumps({"check": fate(7, (1, 0, DATA, 4096, 2))}), flush=True)
    rest = b""
    while time.monotonic() < end:
        now = time.monotonic_ns() // 1000
        while waiting and waiting[0][0] <= now:
            due, fd, packet = waiting.popleft()
            try:
                os.write(fd, packet)
            except OSError:
                wire.dropped += 1
                continue
            wire.forwarded += 1
            wire.late_us.append(time.monotonic_ns() // 1000 - due)
        wait = (waiting[0][0] - now) / 1e6 if waiting else 1
        readable, _, _ = select.select([0, *fds], [], [], max(0, min(wait, 1)))
        for direction, fd in enumerate(fds):
            if fd not in readable:
                continue
            for _ in range(64):
                try:
                    packet = os.read(fd, 65536)
                except BlockingIOError:
                    break
                if wire.drops(direction, packet):
                    wire.dropped += 1
                else:
                    waiting.append((time.monotonic_ns() // 1000 + wire.delay_us, fds[1 - direction], packet))
        if 0 in readable:
            chunk = os.read(0, 4096)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                wire.command(line)


main()
