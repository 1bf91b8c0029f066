"""What the tests of the program share: counted checks, an end that no run without checks passes, and a free port."""
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
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
