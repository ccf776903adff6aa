"""Damaged files against our readers: each may refuse a file by its own error, in time, and nothing else.

    python tests/fuzz.py                        # every target, 10,000 damaged files each
    python tests/fuzz.py photos -n 500 --seed 7
    python tests/fuzz.py photos --keep 123      # writes the file that number 123 was, to look into it

A target has a corpus of whole files, a reader, and the errors that it may raise. Files are damaged by a seed and a number, so that every finding can be made again. They are read in a child process
with little memory, which watches its own time: a hang, a crash, a fatal lack of memory ends the child, is noted, and the next child goes on behind that file.
"""
import argparse, faulthandler, os, random, struct, subprocess, sys, tempfile, zlib
from pathlib import Path
from typing import Callable, NamedTuple

SECONDS, BYTES = 5, 3 << 30  # for one file; memory beside what is loaded

class Target(NamedTuple):
    "What is read, by what"
    corpus: Callable  # () → {file name: bytes}: whole files, of every kind that the reader knows
    read: Callable    # path of a file → anything; nothing outside that file is touched
    errors: Callable  # () → exceptions that a damaged file may raise

# ---- photos

def photo_corpus():
    "A small photo in every format, mode and depth"
    from photo_files import good_photos
    return good_photos()

def read_photo(path):
    from clip_lit.photos import open_photo
    open_photo(path)

def photo_errors():
    from clip_lit.photos import PhotoError
    return PhotoError,

TARGETS = {'photos': Target(photo_corpus, read_photo, photo_errors)}

# ---- damage

EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff]

def damaged(corpus, seed, number):
    "Name and bytes of a damaged file, the same for the same seed and number"
    r = random.Random(f'{seed}/{number}')
    name = r.choice(sorted(corpus))
    b = bytearray(corpus[name])
    for _ in range(r.choice((1, 1, 2, 3, 8))):
        if not b: break
        near = r.choice((len(b), min(len(b), 512)))  # heads more often than bodies
        i, n = r.randrange(near), r.choice((1, 2, 4, r.randrange(1, 64)))
        kind = r.choice(('bit', 'byte', 'number', 'number', 'cut', 'drop', 'repeat', 'insert', 'splice', 'zero'))
        if kind == 'bit': b[i] ^= 1 << r.randrange(8)
        elif kind == 'byte': b[i] = r.randrange(256)
        elif kind == 'number':
            form = r.choice('<>') + r.choice('BHI')
            size = struct.calcsize(form)
            if i + size <= len(b): struct.pack_into(form, b, i, r.choice(EDGES) & (1 << 8*size) - 1)
        elif kind == 'cut': del b[r.randrange(len(b)):]
        elif kind == 'drop': del b[i:i+n]
        elif kind == 'repeat': b[i:i] = b[i:i+n]*r.choice((1, 2, 1000))
        elif kind == 'insert': b[i:i] = r.randbytes(n)
        elif kind == 'zero': b[i:i+n] = bytes(len(b[i:i+n]))
        else:
            other = corpus[r.choice(sorted(corpus))]
            j = r.randrange(len(other))
            b[i:i+n] = other[j:j+n]
    return name, bytes(signed(b) if r.random() < .7 else b)

def signed(b):
    "A PNG's checksums made right again: else the damage behind them would never be read"
    if b[:8] != b'\x89PNG\r\n\x1a\n': return b
    i = 8
    while i + 12 <= len(b):
        end = i + 8 + struct.unpack_from('>I', b, i)[0]
        if end + 4 > len(b): break
        struct.pack_into('>I', b, end, zlib.crc32(b[i+4:end]))
        i = end + 4
    return b

# ---- children

def child(name, seed, start, stop):
    "Read files `start` to `stop`; what is printed last is what is being read"
    import resource
    target = TARGETS[name]
    corpus, errors = target.corpus(), target.errors()
    held = int(Path('/proc/self/statm').read_text().split()[5])*resource.getpagesize() if Path('/proc/self/statm').exists() else 4 << 30
    resource.setrlimit(resource.RLIMIT_DATA, (held + BYTES,)*2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as tmp:
        for path in map(Path(tmp).joinpath, corpus): path.write_bytes(corpus[path.name]); target.read(path)  # everything is imported, and whole files are read
        for k in range(start, stop):
            file, data = damaged(corpus, seed, k)
            path = Path(tmp, file); path.write_bytes(data)
            print('reading', k, file, flush=True)
            faulthandler.dump_traceback_later(SECONDS, exit=True)
            try: target.read(path)
            except errors as e: print('refused' if '\n' not in str(e) else f'BAD {k} {file}: more than one line: {e!r}', flush=True)
            except BaseException as e: print(f'BAD {k} {file}: {type(e).__name__}: {e}'.replace('\n', ' '), flush=True)
            faulthandler.cancel_dump_traceback_later()

def fuzz(name, n, seed=0, step=500):
    "Findings, one a line, and how many files were refused"
    found, refused, k = [], 0, 0
    env = os.environ | dict(PYTHONPATH=os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get('PYTHONPATH', '')]), OMP_NUM_THREADS='1')
    while k < n:
        r = subprocess.run([sys.executable, __file__, name, '--seed', str(seed), '--child', str(k), str(min(k + step, n))], capture_output=True, text=True, errors='replace', env=env)
        lines = r.stdout.splitlines()
        found += [l[4:] for l in lines if l.startswith('BAD ')]
        refused += lines.count('refused')
        last = next((l.split() for l in reversed(lines) if l.startswith('reading ')), None)
        if r.returncode and last is None: raise RuntimeError(f'{name}: the reader does not start: {r.stderr[-2000:]}')
        if r.returncode:
            why = f'over {SECONDS} s' if 'Timeout' in r.stderr else f'ended the process ({r.returncode})'
            found.append(f'{last[1]} {last[2]}: {why}: ' + ' '.join(r.stderr.split())[-600:])
        k = int(last[1]) + 1
    return found, refused

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('targets', nargs='*', help=f'{" ".join(TARGETS)}; default: all')
    parser.add_argument('-n', type=int, default=10_000, help='damaged files for each target')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--keep', type=int, metavar='NUMBER', help='write that damaged file, do nothing else')
    parser.add_argument('--child', type=int, nargs=2, help=argparse.SUPPRESS)
    a = parser.parse_args()
    if unknown := set(a.targets) - set(TARGETS): parser.error(f'no such target: {" ".join(unknown)}')
    if a.child: return child(a.targets[0], a.seed, *a.child)
    if a.keep is not None:
        file, data = damaged(TARGETS[a.targets[0]].corpus(), a.seed, a.keep)
        return print(f'fuzz-{a.keep}-{file}: {Path(f"fuzz-{a.keep}-{file}").write_bytes(data)} bytes')
    bad = 0
    for name in a.targets or TARGETS:
        found, refused = fuzz(name, a.n, a.seed)
        print(f'{name}: {a.n} damaged files, {refused} refused, {a.n - refused - len(found)} read all the same, {len(found)} findings', *found, sep='\n  ', flush=True)
        bad += len(found)
    sys.exit(bad > 0)

if __name__ == '__main__': main()
