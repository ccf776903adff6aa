"The benchmark runs from end to end, at sizes at which its figures mean nothing."
import subprocess, sys
from pathlib import Path

import pandas as pd, pytest, yaml

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize('cases', [['init'], pytest.param([], marks=pytest.mark.slow)], ids=['some', 'all'])
def test_quick_run_gives_table_and_picture(tmp_path, cases):
    r = subprocess.run([sys.executable, ROOT/'benchmarks'/'bench.py', '--quick', '--seconds', '0.1', '--device', 'cpu', '--out', tmp_path, *cases], capture_output=True, text=True, timeout=600)
    assert r.returncode == 0, r.stderr[-3000:]
    t = pd.read_csv(tmp_path/'cpu.csv').set_index(['case', 'variant'])
    kinds = cases or ['init', 'refine']
    for kind in kinds: assert {'plain', 'fresh', 'bank'} == set(t.loc[kind].index) - {'fresh bf16'}
    assert (t.seconds > 0).all() and (t.memory > 1e8).all() and (t.drop('plain', level=1)[['flop', 'bytes']] > 0).all().all()
    for kind in kinds: assert t.flop[kind, 'bank'] < t.flop[kind, 'fresh']/5, 'a step with a bank encodes no image'
    assert (tmp_path/'cpu.png').stat().st_size > 5000
    if cases: return
    assert t.flop['photo 12 MP', 'exact'] == 16*t.flop['photo 12 MP', 'fast 4']
    assert 'for banks would take' in (tmp_path/'cpu.md').read_text()


def test_unknown_case_is_said_in_one_sentence():
    r = subprocess.run([sys.executable, ROOT/'benchmarks'/'bench.py', 'inti'], capture_output=True, text=True, timeout=60)
    assert r.returncode == 1 and 'no such case: inti' in r.stderr and r.stderr.count('\n') == 1


@pytest.mark.slow
def test_seeds_gives_rows_once_and_compares_kinds(tmp_path):
    from clip_lit.sample import make_sample_set
    make_sample_set(tmp_path/'data', 4, 4, 2, 64, progress=False)
    p = yaml.safe_load((ROOT/'params.yaml').read_text())
    p['data'] = {f'{part}_{kind}': f'data/{part}/{kind}' for part in ('train', 'test') for kind in ('backlit', 'welllit')}
    run = p['runs']['latent']
    run['prompt_init'] |= dict(iterations=3, batch=4, size=64)
    run['train'] |= dict(batch=2, warmup=1, enhance=2, refine=2, budget=4, prompt_batch=2, prompt_size=64, average=0)
    p['runs'] = dict(latent=run)
    (tmp_path/'params.yaml').write_text(yaml.safe_dump(p))
    call = lambda *more: subprocess.run([sys.executable, ROOT/'benchmarks'/'seeds.py', '--params', tmp_path/'params.yaml', '--out', tmp_path/'out', '--bank', '2', *more], capture_output=True, text=True, timeout=300)
    assert (r := call('latent', '--seeds', '0')).returncode == 0, r.stderr[-3000:]
    first = pd.read_csv(tmp_path/'out'/'seeds.csv')
    assert list(first.bank) == [0, 2] and (first.psnr > 5).all() and first.backlit.between(0, 1).all()
    assert (r := call('latent', '--seeds', '0', '1')).returncode == 0, r.stderr[-3000:]
    both = pd.read_csv(tmp_path/'out'/'seeds.csv')
    assert len(both) == 4 and both[both.seed == 0].reset_index(drop=True).equals(first), 'what was measured is not done again'
    assert 'apart by' in (tmp_path/'out'/'seeds.md').read_text()
    assert 'no such run: prompt' in call('prompt').stderr
