"""How fast is it? Each kind of training iteration and enhancement, beside a plain implementation of the same work, in one run.

Every case runs in a process of its own, which reports its median time and the most memory that it held. The *plain* implementation takes photos from
disk one at a time, encodes them one at a time, pushes all 77 text positions, encodes the unchanged photo at every step, keeps the default memory layout and enhances a photo whole, in fp32 (on a GPU `exact` and `fast` are in bf16, as the library does there).
`bf16`: with `precision: bf16`, for a GPU or a CPU that has it in hardware; `compile`, on a GPU only: with `compile: 1`, too.
CLIP models have the real size and random weights. The *floor* is what the machine could do at best: the operations of a case over the rate of a large matrix product, and the bytes that it has to move
(weights; pixels in and out) over the rate of a large copy, both measured in the same run. Photos are made once a run: backlit ones are JPEG files of 1,000 px, well-lit ones PNG files of 2,040 px, as in DIV2K.

    python benchmarks/bench.py                  # all cases; writes benchmarks/results/cpu.csv, .md, .png (or cuda.*)
    python benchmarks/bench.py init refine      # cases whose names begin so
    python benchmarks/bench.py --full           # 48 and 100 megapixels too
    python benchmarks/bench.py --quick          # tiny sizes and the sample prior: does it work?
"""
import argparse, datetime, itertools, json, math, os, platform, resource, subprocess, sys, tempfile, time
from contextlib import nullcontext
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
MEGAPIXELS = {'0.3': (480, 640), '2': (1224, 1632), '12': (3000, 4000), '48': (6000, 8000), '100': (8660, 11547)}
CASES = { # name: variants, the first being what the others are compared with
    'init': ['plain', 'fresh', 'bank', 'bank compile'],
    'refine': ['plain', 'fresh', 'fresh bf16', 'bank', 'bank compile'],
    'enhancement': ['plain', 'ours', 'ours bf16', 'ours bf16 compile'],
} | {f'photo {mp} MP': (['plain'] if mp in ('0.3', '2') else []) + ['exact', 'fast 4', 'fast 5'][:3 if float(mp) < 20 else 2] for mp in MEGAPIXELS}
SAYS = {'init': 'prompt initialisation, iteration, batch {b}', 'refine': 'prompt refinement, iteration, {b} tuples of four', 'enhancement': 'enhancement, iteration, {n} photos of {s}x{s}'}
ITERATIONS = dict(init=8000, refine=1000, warmup=1000, enhance=2100, budget=50_000) # the paper's schedule
PAPER = dict(backlit=380, welllit=384) # its photos


# ---- cases: each gives a function that does the work `n` times, what was spent once beforehand (seconds), and the bytes that one time has to move at least

def settings(a):
    "Sizes of a case."
    return dict(b=4, n=2, s=64, prompt_size=64, photos=8, wide=(96, 128), bank=2) if a.quick else dict(b=16, n=8, s=512, prompt_size=256, photos=32, wide=(1000, 2040), bank=16)

def clip_models(a, *which):
    "ViT-B/32 and RN101 with random weights, or the sample prior."
    import logging, open_clip, torch
    from clip_lit.clip import ClipPrior, load_clip
    if a.quick: return [load_clip(dict(vit='sample-vit', rn='sample-rn')[w], a.device) for w in which]
    torch.manual_seed(0); logging.disable(logging.WARNING)
    names = [dict(vit='ViT-B-32-quickgelu', rn='RN101-quickgelu')[w] for w in which]
    return [ClipPrior(open_clip.create_model(n), n, open_clip.get_tokenizer(n)).to(a.device) for n in names]

def weights(*modules, times):
    "Bytes of weights that are read so many times."
    return times*sum(p.numel()*p.element_size() for m in modules for p in m.parameters())

def most_memory():
    "Most memory that this process held, kB; `getrusage` alone would count what its parent held when it was started."
    status = Path('/proc/self/status')
    if status.exists(): return int(next(l for l in status.read_text().splitlines() if l.startswith('VmHWM')).split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def make_photos(a, folder):
    "Two folders of photos of the size in which the web and DIV2K give them."
    from concurrent.futures import ThreadPoolExecutor
    from PIL import Image
    from clip_lit.sample import make_sample_set
    p = settings(a)
    make_sample_set(folder/'small', p['photos'], p['photos'], 1, progress=False)
    for kind, wide, end in zip(('backlit', 'welllit'), p['wide'], ('jpg', 'png')):
        (folder/kind).mkdir()
        def enlarge(f):
            with Image.open(f) as im: im.convert('RGB').resize((wide, wide*im.height//im.width), Image.BICUBIC).save(folder/kind/f'{f.stem}.{end}')
        with ThreadPoolExecutor() as pool: list(pool.map(enlarge, (folder/'small'/'train'/kind).iterdir()))

class PlainText:
    "A prompt pair as long as CLIP's whole context."
    def __init__(self, prior):
        import torch, torch.nn.functional as F
        with torch.no_grad(): emb = prior.token_embeddings([' '.join('X'*16)]*2)
        self.emb, self.prior, self.F, self.end = torch.nn.Parameter(emb), prior, F, 17
    def features(self):
        m = self.prior.model
        h = m.transformer(self.emb + m.positional_embedding, attn_mask=m.attn_mask)
        return self.F.normalize(m.ln_final(h)[:, self.end] @ m.text_projection, dim=-1)

def plain_photo(path, size, zoom, g):
    "One photo: read, decoded, resized, augmented."
    import torch
    from PIL import Image
    from torchvision.transforms.functional import to_tensor
    from clip_lit.data import Augmentation
    return Augmentation(1, zoom, g)(to_tensor(Image.open(path).convert('RGB').resize((size, size), Image.LANCZOS))[None])

def prompts_case(a, variant, dirs, members):
    "Prompt initialisation (members 1) or refinement (4)."
    import torch
    from clip_lit.data import PhotoSet
    from clip_lit.guidance import PromptPair
    from clip_lit.losses import prompt_loss, ranking_loss
    from clip_lit.params import PromptInit, Train
    from clip_lit import training
    from clip_lit.training import Trainer, init_prompts
    p, (vit,) = settings(a), clip_models(a, 'vit')
    if variant == 'plain':
        text, g = PlainText(vit), torch.Generator().manual_seed(0)
        files = [sorted(d.iterdir()) for d in dirs]
        opt = torch.optim.Adam([text.emb], 5e-6)
        def encode(path):
            with torch.no_grad(): return vit.embed_images(plain_photo(path, p['prompt_size'], (.5, 1.5), g).to(a.device))
        def step():
            k = torch.randint(p['photos'], (p['b'],), generator=g).tolist()
            if members == 1:
                f = torch.cat([encode(files[n % 2][i]) for n, i in enumerate(k)])
                loss = prompt_loss(100*f @ text.features().T, torch.arange(p['b'], device=a.device) % 2)
            else: # results of earlier rounds are files like any other
                f = [torch.cat([encode(files[m % 2][i]) for i in k]) for m in range(members)]
                loss = 200*ranking_loss([(100*v @ text.features().T).softmax(-1)[:, 0] for v in f])
            opt.zero_grad(); loss.backward(); opt.step(); loss.item()
        return dict(step=step)
    bank = p['bank'] if 'bank' in variant else 0
    sets = [PhotoSet(d, p['prompt_size']) for d in dirs]
    pair = PromptPair(vit)
    least = weights(vit.model.transformer, times=2) + (0 if bank else weights(vit.model.visual, times=1))
    if members == 1:
        def run(n): init_prompts(pair, *sets, PromptInit(iterations=n, batch=p['b'], size=p['prompt_size'], bank=bank, compile=int('compile' in variant)))
        if not bank: return dict(step=lambda: run(3), n=3, bytes=least)
        made, make = [], training.feature_bank # the banks are made once, timed apart, and found ready afterwards
        training.feature_bank = lambda *args, **kw: made.append(make(*args, **kw)) or made[-1]
        once = time.perf_counter(); run(0); once = time.perf_counter() - once
        ready = itertools.cycle(made)
        training.feature_bank = lambda *args, **kw: next(ready)
        return dict(step=lambda: run(40), n=40, once=once, bytes=least)
    tiny = PhotoSet(dirs[0], 16)
    cfg = Train(batch=2, size=16, prompt_batch=p['b'], prompt_size=p['prompt_size'], bank=bank, start='identity', precision='bf16' if 'bf16' in variant else 'fp32', compile=int('compile' in variant))
    t = Trainer(pair, clip_models(argparse.Namespace(**vars(a) | dict(quick=True)), 'rn')[0], tiny, *sets, cfg)
    t.results = [t.mend(), t.mend()]
    n = 40 if bank else 2
    once = time.perf_counter(); t._refine_step(next(t.tuples)); once = time.perf_counter() - once # makes the banks
    def step():
        for _ in range(n): t._refine_step(next(t.tuples))
    return dict(step=step, n=n, once=once if bank else 0., bytes=least)

def enhancement_case(a, variant, dirs):
    "An enhancement iteration."
    import torch
    from clip_lit.data import PhotoSet
    from clip_lit.guidance import PromptPair
    from clip_lit.losses import IDENTITY_ENHANCE, identity_loss
    from clip_lit.network import new_network, relight
    from clip_lit.params import Train
    from clip_lit.training import Trainer
    p, (vit, rn) = settings(a), clip_models(a, 'vit', 'rn')
    if variant == 'plain':
        net, g = new_network(0, 'identity').to(a.device).train(), torch.Generator().manual_seed(0)
        files, opt = sorted(dirs[0].iterdir()), torch.optim.Adam(net.parameters(), 2e-5)
        with torch.no_grad(): direction = PlainText(vit).features()
        def step():
            x = torch.cat([plain_photo(files[i], p['s'], (.7, 1.3), g) for i in torch.randint(p['photos'], (p['n'],), generator=g).tolist()]).to(a.device)
            y = relight(x, net(x))
            clip = sum((100*vit.embed_images(one) @ direction.T).softmax(-1)[0, 0] for one in y.split(1))/len(y)
            identity = sum(identity_loss(rn.stages(one), rn.stages(of), IDENTITY_ENHANCE) for one, of in zip(y.split(1), x.split(1)))
            loss = 320*clip + 22.5*identity
            opt.zero_grad(); loss.backward(); opt.step(); loss.item()
        return dict(step=step)
    cfg = Train(batch=p['n'], size=p['s'], start='identity', precision='bf16' if 'bf16' in variant else 'fp32', compile=int('compile' in variant))
    big, small = (PhotoSet(dirs[0], s) for s in (p['s'], p['prompt_size']))
    t = Trainer(PromptPair(vit), rn, big, small, small, cfg)
    guide = t.pair.guide()
    once = time.perf_counter()
    if cfg.compile: t._network_step('enhancement', guide)
    return dict(step=lambda: t._network_step('enhancement', guide), once=time.perf_counter() - once, bytes=weights(vit.model.visual, rn.model.visual, times=2))

def photo_case(a, variant, dirs, tmp, mp):
    "A photo, decoded, to its result; large ones once, from file to file."
    import torch
    from PIL import Image
    from clip_lit.enhance import Enhancer
    from clip_lit.network import default_network, relight
    from clip_lit.photos import open_photo
    H, W = MEGAPIXELS[mp]
    if a.quick: H, W = H//20, W//20
    path, out = Path(tmp, 'photo.jpg'), Path(tmp, 'out.jpg')
    with Image.open(min(dirs[0].iterdir())) as im: im.convert('RGB').resize((W, H), Image.BICUBIC).save(path, quality=95)
    if variant == 'plain':
        net, x = default_network().to(a.device), open_photo(path).tensor().contiguous().to(a.device)
        def step():
            with torch.inference_mode(): return relight(x, net(x))
        return dict(step=step)
    enhancer = Enhancer.from_pretrained(device=a.device, fast=int(variant.split()[1]) if ' ' in variant else 0)
    t = time.perf_counter(); enhancer(path).save(out); file = time.perf_counter() - t # from file to file: the memory that counts
    peak = most_memory()
    if float(mp) > 20: return dict(times=[file], once=file, peak=peak, bytes=2*3*4*H*W)
    photo, against = open_photo(path), {}
    if variant == 'exact' and float(mp) <= 2: # beside the photo whole; fast beside exact
        net, x = default_network().to(a.device), photo.tensor().contiguous().to(a.device)
        with torch.inference_mode(): against = dict(differs=255*(relight(x, net(x)).cpu() - Enhancer(net, a.device, precision='fp32')(photo).tensor()).abs().max().item())
    elif variant != 'exact': against = dict(psnr=-10*math.log10((Enhancer.from_pretrained(device=a.device)(photo).tensor() - enhancer(photo).tensor()).square().mean().item()))
    return dict(step=lambda: enhancer(photo), once=file, peak=peak, bytes=2*3*4*H*W, **against)

# ---- one case, in its own process

def child(a):
    import torch
    from clip_lit.training import kept_memory
    torch.set_num_threads(a.threads)
    sync = torch.cuda.synchronize if a.device == 'cuda' else lambda: None
    with tempfile.TemporaryDirectory() as tmp:
        name, variant = a.child
        kind = name.split()[0]
        dirs = [a.photos/k for k in ('backlit', 'welllit')]
        case = dict(n=1, once=0., bytes=0, times=[]) | (prompts_case(a, variant, dirs, dict(init=1, refine=4)[kind]) if kind in ('init', 'refine') else enhancement_case(a, variant, dirs) if kind == 'enhancement' else photo_case(a, variant, dirs, tmp, name.split()[1]))
        times, n = case['times'], case['n']
        keeps = kept_memory(torch.device(a.device)) if kind in ('refine', 'enhancement') and variant != 'plain' else nullcontext() # as `Trainer.fit` does
        step = case.get('step')
        if not times:
            with keeps:
                if a.device == 'cuda': step(); sync(); torch.cuda.reset_peak_memory_stats()
                start = time.perf_counter()
                while len(times) < 2 or (len(times) < 15 and time.perf_counter() - start < a.seconds):
                    sync(); t = time.perf_counter()
                    step(); sync()
                    times.append((time.perf_counter() - t)/n)
        from torch.utils.flop_counter import FlopCounterMode
        flop = 0
        if not kind == 'photo' and variant != 'plain' and 'compile' not in variant:
            torch.backends.mha.set_fastpath_enabled(False) # its operations are not counted
            with FlopCounterMode(display=False) as counter: step()
            flop = counter.get_total_flops()/n
    peak = torch.cuda.max_memory_reserved() if a.device == 'cuda' else case.get('peak', most_memory())*1024
    print('RESULT', json.dumps(dict(seconds=median(times), least=min(times), runs=len(times), once=case['once'], memory=peak, flop=flop, bytes=case['bytes'], differs=case.get('differs'), psnr=case.get('psnr'))))

def machine(a):
    "What this machine can do at best: FLOP a second of a large matrix product and of a 3x3 convolution, bytes a second of a copy."
    import torch
    torch.set_num_threads(a.threads)
    def rate(f, work):
        best = float('inf')
        for _ in range(4):
            t = time.perf_counter(); f()
            if a.device == 'cuda': torch.cuda.synchronize()
            best = min(best, time.perf_counter() - t)
        return work/best
    n = 512 if a.quick else 4096 if a.device == 'cuda' else 3072
    m = torch.rand(n, n, device=a.device, dtype=torch.bfloat16 if a.device == 'cuda' else torch.float32)
    b = torch.rand(2**22 if a.quick else 2**27, device=a.device)
    c = torch.empty_like(b)
    cpu = next((l.split(':')[1].strip() for l in Path('/proc/cpuinfo').read_text().splitlines() if l.startswith('model name')), platform.processor()) if Path('/proc/cpuinfo').exists() else platform.processor()
    return dict(name=torch.cuda.get_device_name() if a.device == 'cuda' else f'{cpu}, {a.threads} threads', matmul=rate(lambda: m @ m, 2*n**3), copy=rate(lambda: c.copy_(b), 2*b.numel()*4), torch=torch.__version__, date=datetime.date.today().isoformat())

# ---- the table

def call(a, name, variant):
    cmd = [sys.executable, __file__, '--child', name, variant, '--photos', str(a.photos), '--device', a.device, '--threads', str(a.threads), '--seconds', str(a.seconds)] + ['--quick']*a.quick
    r = subprocess.run(cmd, capture_output=True, text=True, env=os.environ | dict(PYTHONPATH=os.pathsep.join([str(HERE.parent), os.environ.get('PYTHONPATH', '')])))
    lines = [l for l in r.stdout.splitlines() if l.startswith('RESULT ')]
    if lines: return json.loads(lines[-1][7:])
    print(f'{name}, {variant}: failed\n{r.stderr[-3000:]}', file=sys.stderr)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('cases', nargs='*', help='init, refine, enhancement, photo, "photo 12"; default: all')
    parser.add_argument('--device', default='', help='cpu or cuda; default: a GPU where there is one')
    parser.add_argument('--threads', type=int, default=os.cpu_count(), help='CPU threads')
    parser.add_argument('--seconds', type=float, default=20, help='time for each variant of a case, at least two runs')
    parser.add_argument('--full', action='store_true', help='48 and 100 megapixels too')
    parser.add_argument('--quick', action='store_true', help='tiny sizes')
    parser.add_argument('--out', type=Path, default=HERE/'results', help='folder for the table')
    parser.add_argument('--child', nargs=2, help=argparse.SUPPRESS)
    parser.add_argument('--photos', type=Path, help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.child: return child(a)
    import torch
    a.device = a.device or ('cuda' if torch.cuda.is_available() else 'cpu')
    from clip_lit.network import slow_bf16
    left_out = ['compile']*(a.device != 'cuda') + ['bf16']*slow_bf16(torch.device(a.device)) # what would not pay
    names = [c for begins in a.cases or [''] for c in CASES if c.startswith(begins) and (a.full or c.split()[1:2] not in (['48'], ['100']))]
    if unknown := [b for b in a.cases if not any(c.startswith(b) for c in CASES)]: sys.exit(f'no such case: {" ".join(unknown)}; there is {", ".join(dict.fromkeys(c.split()[0] for c in CASES))}')
    here, rows = machine(a), []
    print(f"{here['name']}, torch {here['torch']}, {here['date']}: {here['matmul']/1e9:.0f} GFLOP/s, copy {here['copy']/1e9:.1f} GB/s", flush=True)
    p, network = settings(a), 555e9 # FLOP a megapixel
    wanted = [(name, v) for name in names for v in CASES[name] if not any(w in v for w in left_out)]
    with tempfile.TemporaryDirectory() as tmp:
        a.photos = Path(tmp)
        make_photos(a, a.photos)
        try:
            for name, variant in wanted:
                mp = MEGAPIXELS[name.split()[1]] if name.startswith('photo') else None
                if not (r := call(a, name, variant)): continue
                if 'compile' in variant: r['flop'] = next((o['flop'] for o in rows if o['case'] == name and o['flop']), 0) # the same work, where it can be counted
                if mp: r['flop'] = network*mp[0]*mp[1]/1e6/(int(variant.split()[1])**2 if ' ' in variant else 1)/(400 if a.quick else 1)
                rows.append(dict(case=name, what=SAYS.get(name, f'enhance a {name}').format(**p), variant=variant, megapixels=mp and mp[0]*mp[1]/1e6, **r))
                print(f"{name:14} {variant:10} {r['seconds']:9.4f} s  {r['memory']/1e9:5.2f} GB", flush=True)
        except KeyboardInterrupt: print('stopped; the table holds what was measured', file=sys.stderr)
    if rows: report(a, here, rows)
    if len(rows) < len(wanted): sys.exit(1)

def report(a, here, rows):
    "Ratios, floors, table, picture."
    import pandas as pd
    t = pd.DataFrame(rows)
    plain = t[t.variant == 'plain'].set_index('case').seconds
    exact = t[t.variant == 'exact'].set_index('case').seconds
    t['times faster'] = [plain.get(c, float('nan'))/s for c, s in zip(t.case, t.seconds)]
    if 'photo 2 MP' in plain: # a large photo whole would need tens of gigabytes: compared a megapixel
        each = plain['photo 2 MP']/float(t.megapixels[t.case.eq('photo 2 MP')].iloc[0])
        t['times faster'] = t['times faster'].fillna(each*t.megapixels/t.seconds)
    t['than exact'] = [exact.get(c, float('nan'))/s for c, s in zip(t.case, t.seconds)]
    t['floor'] = t.flop.where(t.flop > 0)/here['matmul']
    t['floor of bytes'] = t.bytes.where(t.bytes > 0)/here['copy']
    a.out.mkdir(parents=True, exist_ok=True)
    name = a.out/a.device
    t.assign(machine=here['name'], date=here['date'], torch=here['torch'], matmul=here['matmul'], copy=here['copy']).to_csv(f'{name}.csv', index=False)
    def num(v, f): return '' if v != v else format(v, f)
    lines = [f"{here['name']}, torch {here['torch']}, {here['date']}. A large matrix product runs at {here['matmul']/1e9:.0f} GFLOP/s, a copy at {here['copy']/1e9:.1f} GB/s. Medians; each row in a process of its own. Photos above 20 MP: once, from file to file.", '',
             '| work | how | time | times faster than plain | than exact | most memory | floor: operations | bytes |', '| :-- | :-- | --: | --: | --: | --: | --: | --: |']
    lines += [f"| {r.what} | {r.variant} | {r.seconds:.4g} s | {num(r['times faster'], '.1f') if r.variant != 'plain' else ''} | {num(r['than exact'], '.1f') if 'fast' in r.variant else ''} | {r.memory/1e9:.2f} GB | {num(r.floor, '.3g')} | {num(r['floor of bytes'], '.2g')} |" for _, r in t.iterrows()]
    whole, fast = t[t.differs.notna()], t[t.psnr.notna()]
    if len(whole): lines += ['', 'Exact and the photo whole differ by at most ' + ', '.join(f'{r.differs:.2g}/255 at {r.case.split()[1]} MP' for _, r in whole.iterrows()) + '.']
    if len(fast): lines += ['', 'Fast beside exact, PSNR: ' + ', '.join(f'{r.psnr:.1f} dB at {r.case.split()[1]} MP ({r.variant})' for _, r in fast.iterrows()) + '.']
    banks = t[t.variant.eq('bank')]
    lines += [''] + [f"The bank of {r.what.split(',')[0]} ({settings(a)['bank']} copies of {settings(a)['photos']} photos of either kind{', and of two results' if r.case == 'refine' else ''}) takes {r.once:.3g} s to make, {1e3*r.once/settings(a)['bank']/settings(a)['photos']/(2 if r.case == 'init' else 4):.3g} ms an image." for _, r in banks.iterrows()]
    if {'init', 'refine', 'enhancement'} <= set(t.case):
        best = t[t.variant != 'plain'].groupby('case').seconds.min()
        n, i = best['enhancement'], ITERATIONS
        share = i['enhance']/(i['enhance'] + i['refine'])
        rounds = (i['budget'] - i['warmup'])/(i['enhance'] + i['refine'])
        image = max(r.once/settings(a)['bank']/settings(a)['photos']/(2 if r.case == 'init' else 4) for _, r in banks.iterrows()) # s to embed
        bank = settings(a)['bank']*image*(2*(PAPER['backlit'] + PAPER['welllit']) + rounds*PAPER['backlit']) # for initialisation, for refinement, and of each round's results
        total = i['init']*best['init'] + i['warmup']*n + (i['budget'] - i['warmup'])*(share*n + (1 - share)*best['refine']) + bank
        lines += ['', f"Enhancement: {1/n:.3g} iterations a second; the paper's {i['budget']:,} iterations (the warm-up's taken to be as long), {i['init']:,} of initialisation and {bank/60:.3g} min for banks would take {total/60:.3g} min."]
    Path(f'{name}.md').write_text('\n'.join(lines) + '\n')
    import matplotlib; matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    shown = t[t['times faster'].notna() & (t.variant != 'plain')]
    fig, ax = plt.subplots(figsize=(8, .32*len(shown) + 1))
    bars = ax.barh([f'{r.what}, {r.variant}' for _, r in shown.iterrows()], shown['times faster'], color='#3b6ea5')
    ax.bar_label(bars, [f'{v:.1f}' for v in shown['times faster']], padding=3, fontsize=8)
    ax.invert_yaxis(); ax.set_xscale('log'); ax.axvline(1, color='k', lw=.8); ax.set_xlabel('times faster than the plain implementation'); ax.tick_params(labelsize=8)
    for side in ('top', 'right'): ax.spines[side].set_visible(False)
    fig.tight_layout(); fig.savefig(f'{name}.png', dpi=120)
    print('\n'.join(lines))

if __name__ == '__main__': main()
