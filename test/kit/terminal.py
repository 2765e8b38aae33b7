"""Runs a command in a pseudo-terminal of its own with an emulator behind it, and tells what stands on its screen.

Arguments: columns, rows, then the command. Orders come in as lines of JSON ({"type": TEXT}, {"resize": [COLUMNS, ROWS]},
{"signal": NUMBER}); what changed goes out as lines of JSON, the last one with the exit code.
"""

import copy
import fcntl
import json
import os
import select
import struct
import sys
import termios

import pyte

ALTERNATE = 1049


class Terminal(pyte.Screen):
    """With the other screen that programs of a whole terminal draw on, which the emulator lacks."""

    normal = None
    switched = False

    def set_mode(self, *modes, **more):
        if more.get("private") and ALTERNATE in modes and self.normal is None:
            self.switched = True
            self.normal = (copy.deepcopy(self.buffer), copy.copy(self.cursor))
            self.erase_in_display(2)
            self.cursor_position()
        super().set_mode(*modes, **more)

    def reset_mode(self, *modes, **more):
        super().reset_mode(*modes, **more)
        if more.get("private") and ALTERNATE in modes and self.normal is not None:
            self.buffer, self.cursor = self.normal
            self.normal = None


def size(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def flags(fd):
    return termios.tcgetattr(fd)[:4]


columns, rows = int(sys.argv[1]), int(sys.argv[2])
master, slave = os.openpty()
size(master, columns, rows)
before = flags(slave)
child = os.fork()
if child == 0:
    os.close(master)
    os.login_tty(slave)
    os.execvp(sys.argv[3], sys.argv[3:])

screen = Terminal(columns, rows)
stream = pyte.ByteStream(screen)
count = 0
pictures = 0
# A terminal shows what comes before the other end of it all at once.
PICTURE = b"\x1b[?2026h"


def tell(**more):
    print(
        json.dumps(
            {
                "lines": [line.rstrip() for line in screen.display],
                "alternate": screen.normal is not None,
                "switched": screen.switched,
                "cursor": not screen.cursor.hidden,
                "bytes": count,
                "pictures": pictures,
                "colours": any(
                    cell.fg != "default" for line in screen.buffer.values() for cell in line.values()
                ),
                **more,
            }
        ),
        flush=True,
    )


def read():
    global count, pictures
    try:
        chunk = os.read(master, 65536)
    except OSError:
        return False
    count += len(chunk)
    pictures += chunk.count(PICTURE)
    stream.feed(chunk)
    return len(chunk) > 0


orders = b""
while True:
    ready, _, _ = select.select([master, 0], [], [], 0.05)
    if master in ready and read():
        tell()
    if 0 in ready:
        chunk = os.read(0, 65536)
        if not chunk:
            os.kill(child, 9)
        orders += chunk
        *whole, orders = orders.split(b"\n")
        for line in whole:
            order = json.loads(line)
            if "type" in order:
                os.write(master, order["type"].encode())
            elif "resize" in order:
                size(master, *order["resize"])
                screen.resize(columns=order["resize"][0], lines=order["resize"][1])
            elif "signal" in order:
                os.kill(child, order["signal"])
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        while select.select([master], [], [], 0.2)[0] and read():
            pass
        tell(code=os.waitstatus_to_exitcode(status), restored=flags(slave) == before)
        break
