"A training run that is killed at random moments, stopped by a signal or short of disk ends with the weights of one that nobody disturbed."
import random, re, shutil, signal, subprocess, time
from pathlib import Path

import pytest, torch, yaml
from safetensors.torch import load_file

from command import Started, clip_lit

ROOT = Path(__file__).parent.parent


def often(*args):
    "The command, with a checkpoint at every step: a process of seconds has as many moments to be killed in as one of hours"
    from clip_lit.checkpoints import Checkpoints
    old = Checkpoints.__init__
    def init(self, *a, **kw): old(self, *a, **kw); self.seconds = 0.
    Checkpoints.__init__ = init
    clip_lit(*args)


def start(place, out, *more, **kw): return Started(often, 'train', 'prompt', '-o', out, '--guidance', 'guidance.safetensors', '--device', 'cpu', *more, cwd=place, **kw)


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    "Two folders, a parameters file with a short run, its guidance, and what the run gives undisturbed"
    from clip_lit.clip import load_clip
    from clip_lit.guidance import PromptPair, save_guidance
    from clip_lit.sample import make_sample_set
    folder = tmp_path_factory.mktemp('place')
    make_sample_set(folder/'set', 6, 6, 1, short=64, progress=False)
    params = yaml.safe_load((ROOT/'params.yaml').read_text())
    params['data'] |= dict(train_backlit=str(folder/'set'/'train'/'backlit'), train_welllit=str(folder/'set'/'train'/'welllit'))
    params['runs'] = dict(prompt=params['runs']['prompt'])
    params['runs']['prompt']['train'] |= dict(batch=2, size=32, prompt_batch=4, prompt_size=32, warmup=10, enhance=40, enhance_threshold=1e6, refine=20, refine_threshold=1e6, window=5, check=5, budget=190)
    (folder/'params.yaml').write_text(yaml.safe_dump(params))
    save_guidance(PromptPair(load_clip('sample-vit', 'cpu', False)), folder/'guidance.safetensors')
    run = start(folder, 'whole'); out, err = run.communicate(timeout=300)
    assert run.returncode == 0, err
    return folder


def same(place, out):
    "Are the files those of the undisturbed run, and is nothing else there?"
    for name in ('network', 'guidance'):
        a, b = (load_file(place/o/f'{name}.safetensors') for o in ('whole', out))
        assert all(torch.equal(a[k], b[k]) for k in a)
    assert (place/'whole'/'training.csv').read_bytes() == (place/out/'training.csv').read_bytes()
    assert {p.name for p in (place/out).iterdir()} == {p.name for p in (place/'whole').iterdir()}


def begun(place, out, run):
    "Wait until a new checkpoint is written"
    there, until = set((place/out/'checkpoints').glob('*.pt')), time.monotonic() + 120
    while set((place/out/'checkpoints').glob('*.pt')) <= there and run.poll() is None and time.monotonic() < until: time.sleep(.02)


@pytest.mark.parametrize('kills', [3, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_at_random_moments(place, kills):
    out, rng = f'killed{kills}', random.Random(kills)
    for _ in range(kills):
        run = start(place, out); begun(place, out, run)
        time.sleep(rng.uniform(0, 6/kills)); run.kill(); run.communicate()
    run = start(place, out); said, err = run.communicate(timeout=300)
    assert run.returncode == 0 and 'going on after iteration' in err, err
    same(place, out)


def test_a_signal_saves_and_stops(place):
    for signum in (signal.SIGTERM, signal.SIGINT):
        run = start(place, 'stopped'); begun(place, 'stopped', run)
        run.send_signal(signum); _, err = run.communicate(timeout=60)
        assert run.returncode == 128 + signum and 'stopped after iteration' in err and 'Traceback' not in err, err
    changed = yaml.safe_load((place/'params.yaml').read_text()); was, changed['runs']['prompt']['train']['lr'] = changed['runs']['prompt']['train']['lr'], .001
    (place/'changed.yaml').write_text(yaml.safe_dump(changed))
    run = start(place, 'stopped', '--params', 'changed.yaml'); _, err = run.communicate(timeout=60)
    assert run.returncode == 1 and f'lr was {was} and is 0.001' in err and 'seed' not in err and 'Traceback' not in err, err
    run = start(place, 'stopped'); _, err = run.communicate(timeout=300)
    assert run.returncode == 0, err
    same(place, 'stopped')


def test_a_full_disk_is_said_and_training_goes_on(place, tmp_path):
    disk = tmp_path/'disk'; disk.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=16m', 'none', disk], capture_output=True).returncode: pytest.skip('a small disk to fill needs the right to mount one')
    try:
        (disk/'ballast').write_bytes(bytes(15_500_000))
        run = start(place, disk/'out', stderr=tmp_path/'err')
        until, err = time.monotonic() + 120, ''
        while 'could not be written' not in err and run.poll() is None and time.monotonic() < until: err = (tmp_path/'err').read_text(); time.sleep(.05)
        assert re.search('no space left on the disk.*Make room', err), err
        (disk/'ballast').unlink()
        run.communicate(timeout=300)
        assert run.returncode == 0, (tmp_path/'err').read_text()
        assert not list(disk.rglob('*.tmp'))                              # what did not fit was taken away again
        shutil.copytree(disk/'out', place/'full'); same(place, 'full')
    finally: subprocess.run(['umount', disk])
