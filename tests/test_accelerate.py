"Two processes train what one trains: `accelerate launch` on two CPU processes, against the plain command, up to the order of sums."
import os, subprocess, sys
from pathlib import Path

import pandas as pd, pytest, torch, yaml
from safetensors.torch import load_file

ROOT, BIN = Path(__file__).parent.parent, Path(sys.executable).parent
# --cpu would leave the processes to MPI; launched as for GPUs they are torch's own and, told to be on a CPU, talk by gloo
LAUNCH = [BIN/'accelerate', 'launch', '--multi_gpu', '--num_processes', '2', '--num_machines', '1', '--mixed_precision', 'no', '--dynamo_backend', 'no', '--main_process_port', '0']


def train(*args, launch=(), cwd=None):
    return subprocess.run([*map(str, launch), str(BIN/'clip-lit'), 'train', *map(str, args)], capture_output=True, text=True, cwd=cwd, timeout=300, env=os.environ | dict(OMP_NUM_THREADS='1'))


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    "Two folders, a parameters file with a short run of each kind, and their guidance"
    from clip_lit.clip import load_clip
    from clip_lit.guidance import PromptPair, save_guidance
    from clip_lit.sample import make_sample_set
    folder = tmp_path_factory.mktemp('place')
    make_sample_set(folder/'set', 9, 9, 1, short=96, progress=False)
    params = yaml.safe_load((ROOT/'params.yaml').read_text())
    params['data'] |= dict(train_backlit=str(folder/'set'/'train'/'backlit'), train_welllit=str(folder/'set'/'train'/'welllit'))
    params['runs'] = dict(prompt=params['runs']['prompt'])
    params['runs']['prompt']['train'] |= dict(batch=3, size=48, lr=1e-4, prompt_batch=4, prompt_size=64, keep=2, scale_weight=1000., warmup=4, enhance=5, enhance_threshold=1e6, refine=4, refine_threshold=1e6, window=2, check=2, budget=22)
    (folder/'params.yaml').write_text(yaml.safe_dump(params))
    save_guidance(PromptPair(load_clip('sample-vit', 'cpu', False)), folder/'guidance.safetensors')
    return folder


def test_two_processes_train_what_one_trains(place):
    for out, launch in (('one', ()), ('two', LAUNCH)):
        r = train('prompt', '-o', out, '--guidance', 'guidance.safetensors', '--device', 'cpu', launch=launch, cwd=place)
        assert r.returncode == 0, r.stderr[-3000:]
        assert [l for l in r.stdout.splitlines() if 'iterations' in l] == [f"{out}: 22 iterations in 2 rounds, {'1 process' if out == 'one' else '2 processes'} on cpu"], r.stdout
    one, two = (pd.read_csv(place/out/'training.csv') for out in ('one', 'two'))
    assert list(one.phase) == list(two.phase) and len(one.phase.unique()) == 3
    pd.testing.assert_frame_equal(one, two, rtol=1e-3, atol=2e-3)
    for name in ('network', 'guidance'):
        a, b = (load_file(place/out/f'{name}.safetensors') for out in ('one', 'two'))
        far = torch.cat([(a[k] - b[k]).flatten() for k in a]).norm()/torch.cat([v.flatten() for v in a.values()]).norm()
        assert far < 1e-3, (name, far.item())


@pytest.mark.parametrize('args, says', [
    (['promt', '-o', 'out', '--guidance', 'guidance.safetensors'], 'there is no run promt; there is prompt'),
    (['prompt', '-o', 'out'], 'dvc repro prompt_init@prompt')])
def test_what_cannot_be_trained_is_said_in_one_sentence(place, args, says):
    r = train(*args, cwd=place)
    assert r.returncode == 1 and says in r.stderr and r.stderr.count('\n') == 1 and not (place/'out').exists()
