"""Does what makes training faster change what it gives? As much as another seed does, or more?

The sample profile's runs (`params.yaml`), each from nothing with several seeds, with photos augmented afresh (`bank: 0`, the profile's own setting) and with a feature bank, judged on the held-out pairs by PSNR, SSIM and the
probability of "backlit" under the pair that the very run begins with. A row is written when it is there, and what has been measured is not done again.

    dvc repro sample_data                         # the photos, if `make repro` has not made them
    python benchmarks/seeds.py                    # prompt, latent; seeds 0, 1, 2; writes benchmarks/results/seeds.csv, .md
    python benchmarks/seeds.py latent --seeds 0 1 # some of them
"""
import argparse, datetime, os, sys, tempfile, time
from pathlib import Path

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[1]
KEYS, VALUES = ['run', 'bank', 'seed'], ['psnr', 'ssim', 'backlit']


def measure(p: dict, run: str, bank: int, seed: int, device: str) -> dict: # parameters as `load_params` gives them
    "A run from nothing to its row of the table."
    from dataclasses import replace
    import torch
    from clip_lit.clip import load_clip
    from clip_lit.data import PhotoSet
    from clip_lit.guidance import new_guidance, save_guidance
    from clip_lit.metrics import evaluate_pairs
    from clip_lit.network import pick_device, relight
    from clip_lit.training import fit_run, init_prompts
    begin, where, data, clip, sections = time.perf_counter(), pick_device(device), p['data'], p['clip'], p['runs'][run]
    init, train = (replace(sections[k], seed=seed, bank=bank) for k in ('prompt_init', 'train'))
    with tempfile.TemporaryDirectory() as tmp:
        backlit, welllit = (PhotoSet(d, init.size) for d in (data.train_backlit, data.train_welllit))
        pair = new_guidance(load_clip(clip.guide, where, bool(clip.antialias)), init, backlit, welllit)
        if pair.learned: init_prompts(pair, backlit, welllit, init, progress=True)
        guidance = save_guidance(pair, Path(tmp)/'guidance.safetensors')
        net = fit_run(train, data, clip, guidance, tmp, device, progress=True).net
    spent = time.perf_counter() - begin
    def mended(x):
        with torch.inference_mode(): return relight(x.to(where), net(x.to(where))).cpu()
    def score(x):
        with torch.inference_mode(): return pair.score(x.to(where)).cpu()
    table = evaluate_pairs(data.test_backlit, data.test_welllit, {run: mended}, 'psnr,ssim', backlit=score, progress=False)
    return dict(run=run, bank=bank, seed=seed, **table[VALUES].mean().round(4).to_dict(), seconds=round(spent))

def report(t, out: Path):
    "Each row, and how far means of kinds are apart next to the spread of seeds."
    t = t.sort_values(KEYS).assign(photos=lambda t: t.bank.map(lambda n: f'bank of {n}' if n else 'fresh'))
    each = t.groupby(['run', 'photos'], sort=False)[VALUES].agg(['mean', 'min', 'max'])
    lines = ['# Seeds: how far do results wander?', '', f'Runs of the sample profile, from nothing, judged on its held-out pairs; {datetime.date.today().isoformat()}. A bank holds so many augmented copies of each photo, embedded beforehand.', '',
             '| run | photos | seed | PSNR | SSIM | P(backlit) | seconds |', '| :-- | :-- | --: | --: | --: | --: | --: |',
             *(f'| {r.run} | {r.photos} | {r.seed} | {r.psnr:.2f} | {r.ssim:.3f} | {r.backlit:.3f} | {r.seconds} |' for r in t.itertuples()), '',
             '| run | | PSNR | SSIM | P(backlit) |', '| :-- | :-- | --: | --: | --: |']
    for run in t.run.unique():
        for kind, r in each.loc[run].iterrows(): lines.append(f"| {run} | {kind}: mean, and from least to most of the seeds | " + ' | '.join(f"{r[v, 'mean']:.3f} ({r[v, 'min']:.3f} to {r[v, 'max']:.3f})" for v in VALUES) + ' |')
        for kind in [k for k in each.loc[run].index if k != 'fresh' and 'fresh' in each.loc[run].index]:
            a, b = each.loc[run, 'fresh'], each.loc[run, kind]
            lines.append(f'| {run} | means of {kind} and fresh are apart by; seeds of fresh spread by | ' + ' | '.join(f"{abs(a[v, 'mean'] - b[v, 'mean']):.3f}; {a[v, 'max'] - a[v, 'min']:.3f}" for v in VALUES) + ' |')
    (out/'seeds.md').write_text('\n'.join(lines) + '\n')
    print('\n'.join(lines))

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('runs', nargs='*', default=['prompt', 'latent'], help='runs of params.yaml; default: those that learn prompts or latents')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--bank', type=int, default=16, help='augmented copies of each photo in the bank')
    parser.add_argument('--device', default='auto', help="'auto', 'cpu', 'cuda'")
    parser.add_argument('--params', type=Path, default=ROOT/'params.yaml')
    parser.add_argument('--out', type=Path, default=HERE/'results', help='folder for the table')
    a = parser.parse_args()
    import pandas as pd
    from clip_lit.params import load_params
    a.out, params = a.out.resolve(), a.params.resolve()
    os.chdir(params.parent) # where its paths lead from
    p, file = load_params(params), a.out/'seeds.csv'
    if not Path(p['data'].test_backlit).is_dir(): sys.exit(f"{p['data'].test_backlit}: there are no photos; make them by dvc repro sample_data")
    if odd := set(a.runs) - p['runs'].keys(): sys.exit(f"no such run: {', '.join(odd)}; there is {', '.join(p['runs'])}")
    a.out.mkdir(parents=True, exist_ok=True)
    rows = pd.read_csv(file).to_dict('records') if file.exists() else []
    for run in a.runs:
        for seed in a.seeds:
            for bank in (0, a.bank):
                if any([r[k] for k in KEYS] == [run, bank, seed] for r in rows): continue
                rows.append(measure(p, run, bank, seed, a.device))
                pd.DataFrame(rows).sort_values(KEYS).to_csv(file, index=False)
                print(rows[-1], flush=True)
    report(pd.DataFrame(rows), a.out)

if __name__ == '__main__': main()
