"The benchmark runs from end to end, at sizes at which its figures mean nothing."
import subprocess, sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parent.parent


def test_quick_run_gives_table_and_picture(tmp_path):
    r = subprocess.run([sys.executable, ROOT/'benchmarks'/'bench.py', '--quick', '--seconds', '0.1', '--device', 'cpu', '--out', tmp_path], capture_output=True, text=True, timeout=600)
    assert r.returncode == 0, r.stderr[-3000:]
    t = pd.read_csv(tmp_path/'cpu.csv').set_index(['case', 'variant'])
    assert {'plain', 'fresh', 'bank'} == set(t.loc['init'].index) == set(t.loc['refine'].index) - {'fresh bf16'}
    assert (t.seconds > 0).all() and (t.memory > 1e8).all() and (t.drop('plain', level=1)[['flop', 'bytes']] > 0).all().all()
    for kind in ('init', 'refine'): assert t.flop[kind, 'bank'] < t.flop[kind, 'fresh']/5, 'a step with a bank encodes no image'
    assert t.flop['photo 12 MP', 'exact'] == 16*t.flop['photo 12 MP', 'fast 4']
    assert 'iterations would take' in (tmp_path/'cpu.md').read_text().replace('(and 8,000 of initialisation) ', '') and (tmp_path/'cpu.png').stat().st_size > 5000


def test_unknown_case_is_said_in_one_sentence():
    r = subprocess.run([sys.executable, ROOT/'benchmarks'/'bench.py', 'inti'], capture_output=True, text=True, timeout=60)
    assert r.returncode == 1 and 'no such case: inti' in r.stderr and r.stderr.count('\n') == 1
