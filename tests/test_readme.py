"""The README keeps its word: every snippet is run, as it stands, by a reader with a photo and nothing else. A snippet that cannot be run here has a comment in front of it that says so, and a row in `NOT_RUN`."""
import os, re, shlex, subprocess, sysconfig, venv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
README = (ROOT/'README.md').read_text(encoding='utf-8')
SNIPPETS = [(m[2], m[3], m[1]) for m in re.finditer(r'(?:<!-- not run by the tests: (.*?) -->\n)?```(\w*)\n(.*?)```', README, re.S)]
NOT_RUN = {'make lab': 'these are the tests, the pipeline and JupyterLab themselves', 'cp profiles/own_folders.yaml': 'the folders are yours'}  # first words of a snippet: the reason in its comment

def photo(path, seed=0):
    "A bright sky above a dark field"
    rng = np.random.default_rng(seed)
    a = np.where(np.arange(96)[:, None, None] < 50, 230, 40)*rng.uniform(.8, 1, (96, 128, 3))
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(a.astype(np.uint8)).save(path, quality=95)

@pytest.fixture(scope='module')
def reader(tmp_path_factory):
    "A folder with photos and a new virtual environment whose libraries are borrowed from this one; GitHub is this checkout"
    home = tmp_path_factory.mktemp('reader')
    env = home/'env'
    venv.create(env, with_pip=True)
    site = next((env/'lib').glob('python*'))/'site-packages' if os.name != 'nt' else env/'Lib'/'site-packages'
    here = Path(sysconfig.get_path('purelib'))
    # all but what is this project's own: an editable install would hide the one under test
    borrowed = home/'borrowed'
    borrowed.mkdir()
    for p in here.iterdir():
        if 'clip_lit' not in p.name and not p.name.startswith(('__editable__', 'pip', '_virtualenv')) and p.suffix != '.pth': (borrowed/p.name).symlink_to(p)
    (site/'borrowed.pth').write_text(str(borrowed))
    photo(home/'photo.jpg')
    for i in range(2): photo(home/'photos'/f'{i}.jpg', i)
    outside = {k: v for k, v in os.environ.items() if k not in ('PYTHONPATH', 'PYTHONHOME')}
    git = {'GIT_CONFIG_COUNT': '2', 'GIT_CONFIG_KEY_0': f'url.{ROOT.as_uri()}.insteadOf', 'GIT_CONFIG_VALUE_0': 'https://github.com/clip-lit/clip_lit', 'GIT_CONFIG_KEY_1': 'safe.directory', 'GIT_CONFIG_VALUE_1': '*'}
    return home, outside | git | dict(PATH=f'{env/"bin"}{os.pathsep}{os.environ["PATH"]}', VIRTUAL_ENV=str(env), PIP_NO_BUILD_ISOLATION='false', PIP_DISABLE_PIP_VERSION_CHECK='1')

def run(command, reader, **kw):
    home, env = reader
    r = subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, timeout=300, **kw)
    assert r.returncode == 0, f'{command}\n{r.stdout[-2000:]}\n{r.stderr[-2000:]}'
    return r.stdout

def test_what_is_not_run_is_said():
    unmarked = [s for kind, s, why in SNIPPETS if why is None and kind not in ('bash', 'python')]
    assert not unmarked, f'neither bash nor python, and no comment that says why it is not run: {unmarked}'
    assert {next(k for k in NOT_RUN if s.startswith(k)): why for _, s, why in SNIPPETS if why} == NOT_RUN

@pytest.mark.skipif(not (ROOT/'.git').exists(), reason='the README clones the repository, and this is none')
def test_every_snippet(reader):
    "In the order of the README, for a later one may use what an earlier one made"
    home, _ = reader
    ran = 0
    for kind, snippet, why in SNIPPETS:
        if why: continue
        run(['bash', '-euo', 'pipefail', '-c', snippet] if kind == 'bash' else ['python', '-c', snippet], reader)
        ran += 1
    assert ran >= 3
    before = np.asarray(Image.open(home/'photo.jpg'), float)
    for result in (home/'mended'/'photo.jpg', home/'out.jpg'): # of the first two
        after = np.asarray(Image.open(result), float)
        assert after.shape == before.shape and after[60:].mean() > before[60:].mean() + 2, f'{result.name}: the dark part became brighter'
    where = run(['python', '-c', 'import clip_lit; print(clip_lit.__file__)'], reader).strip()
    assert home in Path(where).parents, 'the package that was just installed'

def test_make_targets():
    "Those of the snippet that is not run: make knows them"
    targets = [line.split()[1] for _, s, why in SNIPPETS if why for line in s.splitlines() if line.startswith('make ')]
    assert targets == ['lab', 'repro', 'test', 'docs']
    for t in [*targets, 'paper', 'bench']: subprocess.run(['make', '-n', t], cwd=ROOT, check=True, capture_output=True)

def test_commands_in_the_text():
    "Commands between the lines name what is there: command and options"
    from typer.main import get_command
    from clip_lit.cli import app
    commands = get_command(app).commands
    found = [shlex.split(c) for c in re.findall(r'`clip-lit ([^`]+)`', README)]
    assert found
    for name, *args in found:
        known = {o for p in commands[name].params for o in (*p.opts, *p.secondary_opts)}
        assert {a for a in args if a.startswith('-')} <= known, (name, args)

def test_links():
    "Files that the README links to or names are there"
    for link in re.findall(r'\]\((?!https?:)([^)#]+)', README) + re.findall(r'`((?:nbs|results|profiles)/[\w/.]+\.\w+)`', README): assert (ROOT/link).exists(), link
