"""`clip-lit video`, each call a process of its own: a film in, a film out, and one sentence for what is wrong."""
import signal, time

import numpy as np
import pytest

from command import run, start

av = pytest.importorskip('av', reason='PyAV is not installed: the extra clip_lit[video]')

def write_film(path, n, size=(96, 128)):
    "A bright sky over dark ground, with noise"
    rng = np.random.default_rng(0)
    scene = np.where(np.arange(size[0])[:, None, None] < size[0]//2, 220, 30)*np.ones((*size, 3))
    with av.open(str(path), 'w') as out:
        v = out.add_stream('libx264', rate=25, width=size[1], height=size[0], options=dict(crf='10'))
        for _ in range(n): out.mux(v.encode(av.VideoFrame.from_ndarray((scene + rng.normal(0, 3, scene.shape)).clip(0, 255).astype(np.uint8), format='rgb24')))
        out.mux(v.encode(None))
    return path

def frames(path):
    with av.open(str(path)) as film: return [(f.time, f.to_ndarray(format='gray')) for f in film.decode(video=0)]

@pytest.fixture(scope='module')
def film(tmp_path_factory): return write_film(tmp_path_factory.mktemp('film')/'a.mp4', 10)

def test_video(film, tmp_path):
    before, out = film.read_bytes(), tmp_path/'b.mp4'
    r = run('video', film, out, '--device', 'cpu')
    assert r.returncode == 0 and r.stdout.strip() == str(out), r.stderr
    assert film.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ['b.mp4']
    a, b = frames(film), frames(out)
    assert [t for t, _ in a] == [t for t, _ in b] and b[5][1][60:].mean() > a[5][1][60:].mean()
    mended = out.read_bytes()
    r = run('video', film, out, '--device', 'cpu')
    assert r.returncode == 1 and r.stderr.count('\n') == 1 and 'already exists' in r.stderr and out.read_bytes() == mended
    r = run('video', film, out, '--device', 'cpu', '--overwrite', '--strength', 0)
    assert r.returncode == 0 and out.read_bytes() != mended

def test_video_refuses(film, tmp_path):
    (tmp_path/'letter.mp4').write_text('Dear reader'); (tmp_path/'torn.mp4').write_bytes(film.read_bytes()[:3000])
    (tmp_path/'list.mp4').write_text(f"ffconcat version 1.0\nfile '{film}'\n")  # a list that names another file is no film
    for src in ('letter.mp4', 'torn.mp4', 'list.mp4', 'nowhere.mp4'):
        r = run('video', tmp_path/src, tmp_path/'out.mp4')
        assert r.returncode == 1 and r.stdout == '' and r.stderr.count('\n') == 1 and src in r.stderr, r.stderr
    assert not (tmp_path/'out.mp4').exists()

def test_interrupted(tmp_path):
    film, out = write_film(tmp_path/'long.mp4', 300), tmp_path/'out'
    out.mkdir()
    p = start('video', film, out/'b.mp4', '--device', 'cpu')
    deadline = time.time() + 60
    while not any(out.iterdir()) and time.time() < deadline and p.poll() is None: time.sleep(.05)
    p.send_signal(signal.SIGINT)
    said = p.communicate(timeout=60)[1]
    assert p.returncode == 130 and 'Traceback' not in said and not list(out.iterdir()), said
