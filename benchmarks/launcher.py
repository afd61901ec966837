"""Starts one process, waits for it, and tells what it took: time, a processor, and memory at most.

    python -I -S launcher.py COMMAND...

Prints the exit code, the seconds, those of a processor, and the kilobytes; what the command says on its
error stream goes to ours.

Linux counts the memory of a process from its very beginning, when it is still a copy of the one that
started it: what a large process starts seems never smaller than that. So this one starts it, which holds
next to nothing and imports nothing that it can do without.
"""

import os
import sys
import time

NOWHERE = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]

began = time.perf_counter()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=NOWHERE)
_, status, usage = os.wait4(process, 0)
seconds = time.perf_counter() - began
print(os.waitstatus_to_exitcode(status), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
