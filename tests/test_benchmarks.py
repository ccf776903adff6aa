"The benchmark runs from end to end, at sizes at which its figures mean nothing."
import subprocess, sys
from pathlib import Path

import pandas as pd, pytest

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
    assert 'iterations would take' in (tmp_path/'cpu.md').read_text().replace('(and 8,000 of initialisation) ', '')


def test_unknown_case_is_said_in_one_sentence():
    r = subprocess.run([sys.executable, ROOT/'benchmarks'/'bench.py', 'inti'], capture_output=True, text=True, timeout=60)
    assert r.returncode == 1 and 'no such case: inti' in r.stderr and r.stderr.count('\n') == 1
