"""A folder run that is killed, told to stop, or out of disk: whatever is there is whole, and the next run goes on."""
import random, shutil, signal, subprocess, time

import pytest
from PIL import Image

import command
from photo_files import scene

@pytest.fixture(scope='module')
def network(tmp_path_factory):
    from clip_lit.network import new_network, save_network
    return save_network(new_network(seed=0), tmp_path_factory.mktemp('network')/'net.safetensors', name='drawn')

def many_photos(folder, n, side=40):
    folder.mkdir()
    for k in range(n): Image.fromarray(scene(side, side + 8, seed=k)).save(folder/f'{k:03}.{("jpg", "png", "tif")[k % 3]}')

def start(*args): return command.start('enhance', *args, '--device', 'cpu')
def finish(*args):
    p = start(*args); out, err = p.communicate(timeout=300)
    assert 'Traceback' not in err, err
    return p.returncode, out + err

def contents(folder): return {p.name: p.read_bytes() for p in folder.iterdir()}
def marked(path): return b'clip_lit ' in path.read_bytes()

@pytest.mark.parametrize('kills', [3, pytest.param(30, marks=pytest.mark.slow)])
@pytest.mark.parametrize('in_place', [False, True], ids=['folder', 'in place'])
def test_killed_and_started_again(tmp_path, network, kills, in_place):
    photos, want, out, r = tmp_path/'photos', tmp_path/'want', tmp_path/'out', random.Random(kills)
    many_photos(photos, 25*kills)
    before = contents(photos)
    assert finish(photos, '-o', want, '--network', network)[0] == 0
    target = shutil.copytree(photos, out) if in_place else out
    args = ([target, '--in-place'] if in_place else [photos, '-o', target]) + ['--network', network]
    done = lambda: sum(map(marked, [p for p in target.iterdir() if not p.name.startswith('.')])) if target.is_dir() else 0
    killed = 0
    for _ in range(kills):
        p, had = start(*args), done()
        while p.poll() is None and done() == had: time.sleep(.02)
        time.sleep(r.uniform(0, .6))
        p.kill(); p.communicate(); killed += p.returncode == -signal.SIGKILL
        whole = contents(want)
        for q in target.iterdir():  # the old one, the new one, or none
            if not q.name.startswith('.'): assert q.read_bytes() in ((whole[q.name], before[q.name]) if in_place else (whole[q.name],)), q
    assert killed >= kills*2//3
    code, said = finish(*args)
    assert code == 0 and contents(target) == contents(want) and contents(photos) == before, said

@pytest.mark.parametrize('sent, code', [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_told_to_stop(tmp_path, network, sent, code):
    photos, out = tmp_path/'photos', tmp_path/'out'
    many_photos(photos, 60, 64)
    p = start(photos, '-o', out, '--network', network)
    while not out.is_dir() or not list(out.glob('*.png')): time.sleep(.02)
    p.send_signal(sent)
    said, err = p.communicate(timeout=60)
    assert p.returncode == code and 'Traceback' not in err, err
    there = list(out.iterdir())
    assert 0 < len(there) < 60 and f'{len(there)} enhanced, {60 - len(there)} not reached' in err and 'stopped: interrupted' in err
    for q in there: assert marked(q); Image.open(q).load()
    code, said = finish(photos, '-o', out, '--network', network)
    assert code == 0 and f'{60 - len(there)} enhanced, {len(there)} skipped' in said

def test_two_runs_side_by_side(tmp_path, network):
    photos, out = tmp_path/'photos', tmp_path/'out'
    many_photos(photos, 30)
    runs = [start(photos, '-o', out, '--network', network) for _ in range(2)]
    said = [p.communicate(timeout=120) for p in runs]
    assert len(contents(out)) == 30 and all(map(marked, out.iterdir()))
    for p, (o, e) in zip(runs, said): assert 'Traceback' not in e and all('already exists' in l for l in e.splitlines() if 'failed:' in l), e

def test_full_disk(tmp_path, network):
    photos, small = tmp_path/'photos', tmp_path/'small'
    many_photos(photos, 40, 64)
    small.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', small], capture_output=True).returncode: pytest.skip('a disk of 200 kB cannot be mounted here: needs root')
    try:
        ballast = small/'ballast'; ballast.write_bytes(bytes(60_000))
        code, said = finish(photos, '-o', small/'out', '--network', network)
        assert code == 1 and 'no space left on the disk; free some and run again, what is done is kept' in said and 'failed:' not in said, said
        there = contents(small/'out')
        assert 0 < len(there) < 40 and f'{len(there)} enhanced, {40 - len(there)} not reached' in said
        for n in there: Image.open(small/'out'/n).load()
        ballast.unlink()
        code, said = finish(photos, '-o', small/'out', '--network', network)
        more = contents(small/'out')
        assert len(more) > len(there) and {n: more[n] for n in there} == there
        subprocess.run(['mount', '-o', 'remount,size=4m', small], check=True)
        assert finish(photos, '-o', small/'out', '--network', network)[0] == 0
        assert len(contents(small/'out')) == 40 and not list(small.rglob('*.tmp'))
    finally: subprocess.run(['umount', small])
