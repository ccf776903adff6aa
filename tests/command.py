"""Calls of the command, each a process of its own. What most of them import is imported once, by a server that they are forked from: a call takes its own time, not seconds of imports before it."""
import multiprocessing, os, subprocess, sys, tempfile
from pathlib import Path

os.environ.setdefault('OMP_NUM_THREADS', '1') # what tests compute is too small to share out
METHODS = multiprocessing.get_all_start_methods()
PROCESSES = multiprocessing.get_context('forkserver' if 'forkserver' in METHODS else None)
if 'forkserver' in METHODS: PROCESSES.set_forkserver_preload(['clip_lit.cli', 'clip_lit.enhance', 'clip_lit.metrics', 'clip_lit.training'])


def _child(run, args, cwd, out, err):
    for fd, path in ((1, out), (2, err)): os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), fd)
    if cwd: os.chdir(cwd)
    run(*args)


def clip_lit(*args):
    from clip_lit.cli import main
    sys.argv = ['clip-lit', *args]
    main()


class Started:
    "A running call: as much of `subprocess.Popen` as the tests use"
    def __init__(self, run, *args, cwd=None, stderr=None):
        self.folder, self.args = tempfile.TemporaryDirectory(), args
        self.out, self.err = (Path(self.folder.name)/n for n in ('out', 'err'))
        if stderr: self.err = stderr
        for p in (self.out, self.err): p.touch()
        self.process = PROCESSES.Process(target=_child, args=(run, [str(a) for a in args], cwd, str(self.out), str(self.err)))
        self.process.start()

    @property
    def returncode(self): return self.process.exitcode
    poll = lambda self: self.returncode
    def kill(self): self.process.kill()
    def send_signal(self, signum): os.kill(self.process.pid, signum)

    def communicate(self, timeout=300):
        self.process.join(timeout)
        if self.returncode is None: self.kill(); self.process.join(); raise subprocess.TimeoutExpired(self.args, timeout)
        return tuple(p.read_text(encoding='utf-8') for p in (self.out, self.err))


def start(*args, **kw):
    "`clip-lit *args`, still running"
    return Started(clip_lit, *args, **kw)


def run(*args, timeout=120, **kw):
    "`clip-lit *args`: its exit code and what it wrote"
    p = start(*args, **kw)
    return subprocess.CompletedProcess(args, stdout=(said := p.communicate(timeout))[0], stderr=said[1], returncode=p.returncode)
