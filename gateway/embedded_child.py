"""Become a server program: drop rights, ask to die with the starter, then exec. A script that imports nothing of ours.

A program of its own, and not a `preexec_fn`, because code between fork and exec is unsafe once a thread runs. The
kernel forgets the parent-death signal whenever the user id changes, so it is asked for after that.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
# Nothing of the caller's: no PGPORT, no LD_PRELOAD, and messages in the one language that can be explained.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def drop_rights(uid: int, gid: int) -> None:
    """Become this user for good; a negative `uid` stays who we are."""
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def die_with(parent: int, signal: int) -> None:
    """Have the kernel send `signal` when the starter ends; 0 asks for nothing. Only Linux can."""
    if signal and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(1)


def main(arguments: list[str]) -> None:
    """`parent signal uid gid clean|keep program argument…`; `keep` passes the environment on."""
    parent, signal, uid, gid = map(int, arguments[:4])
    program, environment = arguments[5:], dict(os.environ) if arguments[4] == "keep" else ENVIRONMENT
    os.umask(0o077)
    try:
        drop_rights(uid, gid)
        die_with(parent, signal)
        os.execve(program[0], program, environment)  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"FATAL:  could not run {program[0]}: {error}\n")
        sys.exit(126)


if __name__ == "__main__":
    main(sys.argv[1:])
