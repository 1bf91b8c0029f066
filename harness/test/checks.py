"""What the tests of the program share: counted checks, an end that no run without checks passes, and a free port."""
import random
import socket
import sys

_made = _failed = 0


def check(what, holds, shown=""):
    """`what` is what holds where all is well; `shown` helps to see why it does not."""
    global _made, _failed
    _made += 1
    if not holds:
        _failed += 1
        print(f"FAILED: {what}\n  | " + str(shown)[:60000].replace("\n", "\n  | "), flush=True)


def finish():
    print(f"{_made} checks, {_failed} failed")
    sys.exit(0 if _made and not _failed else 1)


def skip(why):
    print("SKIPPED, NOT TESTED: " + why)
    sys.exit(77)


def free_port():
    """One that no client has meanwhile: those of clients, of which a campaign has thousands, begin at 32768, the lab's at 20000."""
    while True:
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", random.randrange(10000, 20000)))
                return sock.getsockname()[1]
            except OSError:
                pass
