"""Damaged files against our readers: each may refuse a file by its own error, in time, and nothing else.

    python tests/fuzz.py                        # every target, 10,000 damaged files each
    python tests/fuzz.py photos -n 500 --seed 7
    python tests/fuzz.py photos --keep 123      # writes the file that number 123 was, to look into it

A target has a corpus of whole files, a reader, and the errors that it may raise. Files are damaged by a seed and a number, so that every finding can be made again. They are read in a child process
with little memory, which watches its own time: a hang, a crash, a fatal lack of memory ends the child, is noted, and the next child goes on behind that file.
"""
import argparse, faulthandler, functools, io, os, random, struct, subprocess, sys, tempfile, zipfile, zlib
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

# ---- checkpoints

def checkpoint_corpus():
    "A network of ours and of the official layout, prompts and other guidance, an archive as OpenAI's, a state dict of a CLIP; small where the size is free"
    import torch, warnings
    from safetensors.torch import save
    from clip_lit.clip import load_clip
    from clip_lit.guidance import LatentPair, PromptPair, Residual, save_guidance
    from clip_lit.network import new_network, save_network
    with tempfile.TemporaryDirectory() as d, warnings.catch_warnings():
        warnings.simplefilter('ignore')
        net, prior = new_network(0), load_clip('sample-vit')
        save_network(net, f'{d}/ours.safetensors')
        torch.save({'module.' + k: v for k, v in net.state_dict().items()}, f'{d}/official.pth')
        torch.save({'module.' + k: v for k, v in net.state_dict().items()}, f'{d}/old.pth', _use_new_zipfile_serialization=False)
        v = torch.nn.functional.normalize(torch.ones(prior.model.text_projection.shape[1]), dim=0)
        for g in (PromptPair(prior), LatentPair(prior), Residual(prior, v, torch.tensor([0., 1.]))): save_guidance(g, f'{d}/guidance_{g.kind}.safetensors')
        class Archive(torch.nn.Module):
            def __init__(self, deep=2):
                super().__init__()
                self.register_buffer('w', torch.ones(3, 4).half()); self.register_parameter('p', torch.nn.Parameter(torch.zeros(5))); self.register_buffer('n', torch.tensor(7))
                self.visual = Archive(deep - 1) if deep else torch.nn.Identity()
            def forward(self, x: torch.Tensor) -> torch.Tensor: return x
        torch.jit.script(Archive()).save(f'{d}/clip_archive.pt')
        torch.save({'visual.proj': torch.ones(4, 4), 'text': torch.zeros(2)}, f'{d}/clip_state.pt')
        out = {p.name: p.read_bytes() for p in Path(d).iterdir()}
        for f in ('official.pth', 'clip_archive.pt'):  # a zip's checksums stop most damage: the pickle inside is damaged on its own, and packed again to be read
            with zipfile.ZipFile(f'{d}/{f}') as z: out[f'{f}.pkl'] = z.read(next(n for n in z.namelist() if n.endswith('data.pkl')))
        return out

@functools.cache
def _whole(): return checkpoint_corpus()

def read_checkpoint(path):
    if path.suffix == '.pkl':
        whole, to = zipfile.ZipFile(io.BytesIO(_whole()[path.stem])), path.with_suffix('')
        with zipfile.ZipFile(to, 'w') as z:
            for n in whole.namelist(): z.writestr(n, path.read_bytes() if n.endswith('data.pkl') else whole.read(n))
        path = to
    from clip_lit.guidance import load_guidance
    from clip_lit.network import load_network
    if path.name.startswith('guidance'): load_guidance(path, _prior())
    elif path.name.startswith('clip'):
        if path.name == 'clip_state.pt' or read_archive(path): _tiny_clip(path)
    else: load_network(path)

def read_archive(path):
    "The tensors of an archive, or the promised refusal: `load_clip` turns whatever the reader raises into one sentence"
    from clip_lit.clip import ClipError, read_torchscript
    try: return read_torchscript(path) is None
    except MemoryError: raise
    except Exception as e: raise ClipError(type(e).__name__) from None

@functools.cache
def _prior():
    from clip_lit.clip import load_clip
    return load_clip('sample-vit')

def _tiny_clip(path):
    "By way of open_clip, into the smallest architecture there is; that it does not fit is no finding"
    import json, logging, open_clip
    from importlib.resources import files
    from clip_lit.clip import ClipError, load_clip
    logging.disable(logging.ERROR)
    if 'tiny' not in open_clip.list_models():
        with tempfile.TemporaryDirectory() as d:
            Path(d, 'tiny.json').write_text(json.dumps(json.loads((files('clip_lit')/'priors'/'vit'/'open_clip_config.json').read_text())['model_cfg']))
            open_clip.add_model_config(f'{d}/tiny.json')
    try: load_clip(f'tiny:{path}')
    except ClipError as e:
        if 'another architecture' not in str(e): raise

def checkpoint_errors():
    from clip_lit.clip import ClipError
    from clip_lit.guidance import GuidanceError
    from clip_lit.network import NetworkError
    return ClipError, GuidanceError, NetworkError

# ---- parameters

def params_corpus():
    "The parameters files of this repository, and one with everything that YAML has to offer"
    root = Path(__file__).parent.parent
    odd = b"%YAML 1.1\n---\nprofile: a\nclip: {guide: 'x', features: \"y\\n\\u00e9\", antialias: 0}\nprior: &p {seed: 1, lr: 2e-3}\ndata:\n  train_backlit: >-\n    a\n    b\n  test_backlit: |\n    c\nruns: {a: {train: &t {lr: 1e-3, seed: 0x10}}, b: {train: {<<: *t, batch: 010}}}\n? [k]\n: [1, .inf, 1:30, !!binary aGk=, ~, *p]\n...\n"
    return {'params.yaml': (root/'params.yaml').read_bytes(), 'paper.yaml': (root/'profiles'/'paper.yaml').read_bytes(), 'odd.yaml': odd}

def read_params(path):
    from clip_lit.params import ParamError, load_params
    try: load_params(path)
    except ParamError:
        if path.name != 'odd.yaml' or 'odd.yaml' in CHANGED: raise
        CHANGED.add('odd.yaml')  # refused even when whole: read once at the start

CHANGED = set()

def params_errors():
    from clip_lit.params import ParamError
    return ParamError,

TARGETS = {'photos': Target(photo_corpus, read_photo, photo_errors), 'checkpoints': Target(checkpoint_corpus, read_checkpoint, checkpoint_errors), 'params': Target(params_corpus, read_params, params_errors)}

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
