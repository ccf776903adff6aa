"""The command line, each call a process of its own: what it does, and one sentence for everything that can be wrong with its input."""
import hashlib, json, shutil, subprocess, sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import command
from clip_lit import __version__

def run(*args, cwd=None):
    r = command.run(*args, cwd=cwd)
    assert 'Traceback' not in r.stderr, r.stderr
    return r

def refused(*args, says, cwd=None):
    "Exit code not zero, nothing on stdout, one sentence on stderr that holds each of `says`"
    r = run(*args, cwd=cwd)
    assert r.returncode != 0 and r.stdout == '' and r.stderr.count('\n') == 1, (r.returncode, r.stdout, r.stderr)
    for word in says: assert str(word) in r.stderr, r.stderr

def sha(path): return hashlib.sha256(Path(path).read_bytes()).hexdigest()

@pytest.fixture(scope='module')
def network(tmp_path_factory):
    "A small file of the right kind: drawn, not trained"
    from clip_lit.network import new_network, save_network
    path = tmp_path_factory.mktemp('network')/'net.safetensors'
    save_network(new_network(seed=0), path, name='drawn')
    return path

@pytest.fixture
def photos(tmp_path):
    "A folder with three good photos, one of them in a sub-folder, and three files that only look like photos"
    folder = tmp_path/'photos'
    (folder/'trip').mkdir(parents=True)
    rng = np.random.default_rng(0)
    sky = np.linspace(255, 20, 48)[:, None, None] * np.ones((1, 40, 3)) * rng.uniform(.9, 1, (48, 40, 3))
    im = Image.fromarray(sky.astype(np.uint8))
    exif = Image.Exif(); exif[0x112], exif[0x10f] = 6, 'A camera'
    im.save(folder/'a.jpg', exif=exif)
    im.convert('RGBA').save(folder/'b.png')
    im.save(folder/'trip'/'a.jpg')
    (folder/'letter.jpg').write_text('Dear reader')
    (folder/'zero.jpg').touch()
    whole = (folder/'a.jpg').read_bytes(); (folder/'torn.jpg').write_bytes(whole[:len(whole)*2//3])
    (folder/'notes.txt').write_text('no photo by name: not looked at')
    return folder

def test_help_imports_nothing_heavy():
    code = 'import sys\nfrom clip_lit.cli import main\ntry: main(sys.argv[1:])\nexcept SystemExit as e: assert not e.code\nprint(*sys.modules)'
    for args in (['--help'], ['--version'], *([c, '--help'] for c in ('enhance', 'score', 'evaluate', 'train', 'export', 'info', 'check', 'paper', 'video', 'demo'))):
        r = subprocess.run([sys.executable, '-c', code, *args], capture_output=True, text=True, timeout=60)
        assert r.returncode == 0, r.stderr
        *text, modules = r.stdout.strip().split('\n')
        assert not {'torch', 'numpy', 'PIL', 'pandas', 'open_clip', 'pyiqa'} & set(modules.split())
        if args[-1] == '--help': assert any('clip-lit ' in line for line in text) and 'Examples:' in r.stdout

def test_console_script():
    script = Path(sys.executable).with_name('clip-lit')
    if not script.exists(): pytest.skip('the package is not installed: no clip-lit beside python')
    assert subprocess.run([script, '--version'], capture_output=True, text=True).stdout.startswith('clip-lit ')

def test_enhance_folder(photos, network, tmp_path):
    before = {p: sha(p) for p in photos.rglob('*') if p.is_file()}
    out = tmp_path/'out'
    r = run('enhance', photos, '-o', out, '-r', '--network', network, '--device', 'cpu')
    assert r.returncode == 1
    assert '3 enhanced, 3 failed' in r.stderr
    for name in ('letter.jpg', 'zero.jpg', 'torn.jpg'): assert f'failed: {photos/name}: ' in r.stderr
    assert sorted(str(p.relative_to(out)) for p in out.rglob('*') if p.is_file()) == ['a.jpg', 'b.png', 'trip/a.jpg']  # no half file either
    assert {p: sha(p) for p in before} == before
    a = Image.open(out/'a.jpg')
    assert a.size == (48, 40) and dict(a.getexif()) == {0x112: 1, 0x10f: 'A camera', 0x0b: f'clip_lit {__version__}; drawn; strength 1'}
    assert Image.open(out/'b.png').mode == 'RGBA'

    for name in ('letter.jpg', 'zero.jpg', 'torn.jpg'): (photos/name).unlink()
    done = {p: sha(p) for p in out.rglob('*') if p.is_file()}
    r = run('enhance', photos, '-o', out, '--network', network, '--device', 'cpu', '--strength', 0)
    assert r.returncode == 0 and '0 enhanced, 2 skipped' in r.stdout and {p: sha(p) for p in done} == done
    r = run('enhance', photos, '-o', out, '--network', network, '--device', 'cpu', '--strength', 0, '--overwrite')
    assert r.returncode == 0 and '2 enhanced' in r.stdout
    assert np.array_equal(np.asarray(Image.open(out/'b.png')), np.asarray(Image.open(photos/'b.png')))

def test_enhance_beside(photos, network):
    r = run('enhance', photos/'b.png', '-o', photos, '--suffix', '_lit', '--network', network, '--device', 'cpu')
    assert r.returncode == 0 and (photos/'b_lit.png').exists()

def test_enhance_refuses(photos, network, tmp_path):
    out, empty = tmp_path/'out', tmp_path/'empty'
    empty.mkdir()
    refused('enhance', tmp_path/'nowhere', '-o', out, says=[tmp_path/'nowhere'])
    refused('enhance', empty, '-o', out, says=[empty])
    refused('enhance', photos, '-o', photos, says=[photos/'a.jpg'])
    refused('enhance', photos/'b.png', '-o', photos/'trip'/'..', says=['b.png'])
    refused('enhance', photos/'a.jpg', photos/'trip'/'a.jpg', '-o', out, says=[photos/'a.jpg', photos/'trip'/'a.jpg'])
    refused('enhance', photos, '-o', photos/'b.png', says=['b.png'])
    refused('enhance', photos, '-o', out, '--network', tmp_path/'nowhere.pth', says=['nowhere.pth'])
    refused('enhance', photos, '-o', out, '--network', photos/'b.png', says=['b.png'])
    refused('enhance', photos, '-o', out, '--network', network, '--device', 'abacus', says=['abacus'])
    r = run('enhance', photos, '-o', out, '--strength', 3)
    assert r.returncode == 2 and '--strength' in r.stderr
    assert not out.exists()

def test_enhance_fast(photos, network, tmp_path):
    refused('enhance', photos/'b.png', '-o', tmp_path/'out', '--engine', 'loom', says=['loom'])
    r = run('enhance', photos/'b.png', '-o', tmp_path/'out', '--fast', 4, '--network', network, '--device', 'cpu')
    assert r.returncode == 0 and Image.open(tmp_path/'out'/'b.png').size == Image.open(photos/'b.png').size

def tree(folder): return {p: p.read_bytes() if p.is_file() else None for p in folder.rglob('*')}

def test_enhance_dry_run(photos, network, tmp_path):
    "Tells what the run then does, and touches nothing"
    out = tmp_path/'out'
    Image.new('RGB', (48, 40), (150, 140, 130)).save(photos/'day.png')
    args = ('enhance', photos, '-o', out, '-r', '--network', network, '--device', 'cpu')
    out.mkdir(); shutil.copy(photos/'b.png', out); (out/'.clip_lit-0123456789ab.tmp').write_bytes(b'left by a killed run')
    before = tree(tmp_path)
    r = run(*args, '--dry-run')
    assert r.returncode == 0 and r.stdout.count(' -> ') == 7 and f'{out/"b.png"} (already there: skipped)' in r.stdout and tree(tmp_path) == before
    light = (*args, '--only-backlit', .5, '--json')
    planned = run(*light, '--dry-run')
    assert planned.returncode == 1 and tree(tmp_path) == before
    does = json.loads(run(*light).stdout)
    says = json.loads(planned.stdout)
    for what in ('done', 'copied', 'skipped'): assert [r['result'] for r in says if r['what'] == what] == does[what] != [], what
    assert [dict(photo=r['photo'], reason=r['reason']) for r in says if r['what'] == 'failed'] == does['failed'] != []

def test_enhance_mask(photos, tmp_path):
    photo, mask = photos/'b.png', tmp_path/'mask.png'
    light = np.repeat(np.r_[np.zeros(12), np.linspace(0, 255, 10), np.full(18, 255)][None], 48, 0).astype(np.uint8)
    Image.fromarray(light).save(mask)
    args = ('enhance', photo, '--device', 'cpu', '-o')
    assert run(*args, tmp_path/'all').returncode == 0 and run(*args, tmp_path/'some', '--mask', mask).returncode == 0
    before, everywhere, here = (np.asarray(Image.open(p/'b.png')).astype(int) for p in (photos, tmp_path/'all', tmp_path/'some'))
    assert np.array_equal(here[light == 0], before[light == 0]) and not np.array_equal(everywhere[light == 0], before[light == 0])
    assert abs(here - everywhere)[light == 255].max() <= 1 and abs(here - before)[light == 255].mean() > 1
    Image.fromarray(light[:20]).save(mask)
    r = run(*args, tmp_path/'no', '--mask', mask)
    assert r.returncode == 1 and [line for line in r.stderr.split('\n') if 'mask' in line] == [f'  failed: {photo}: the mask is 40x20 pixels, the photo 40x48']
    refused(*args, tmp_path/'no', '--mask', tmp_path/'nowhere.png', says=['nowhere.png'])
    assert not (tmp_path/'no').exists()

def test_enhance_preset(photos, network, tmp_path):
    photo, args, out = photos/'b.png', ('--network', network, '--device', 'cpu'), tmp_path/'out'
    def mended(name, *more):
        r = run('enhance', photo, '-o', out/name, *args, *more)
        assert r.returncode == 0, r.stderr
        return next((out/name).iterdir())
    own = tmp_path/'my.toml'; own.write_text('[beach]\nstrength = 0.3\nsuffix = "_lit"\n[web]\nformat = "jpg"\nquality = 30\n')
    assert sha(mended('preset', '--preset', 'natural')) == sha(mended('said', '--strength', .8, '--protect-highlights', .5)) != sha(mended('plain'))
    assert sha(mended('wins', '--preset', 'natural', '--protect-highlights', 0)) == sha(mended('also', '--strength', .8, '--preset', 'strong'))  # what is said wins, in whatever order
    assert (mended('own', '--preset', f'{own}:beach')).name == 'b_lit.png' and (mended('own2', '--preset', f'{own}:web')).name == 'b.jpg'
    own.write_text('[beach]\noverwrite = true\n')
    for preset, says in (('natrual', 'natural'), ('no.toml', 'no such file'), (own, '`overwrite` is no option')): refused('enhance', photo, '-o', out/'no', *args, '--preset', preset, says=[preset, says])
    assert not (out/'no').exists()

def test_presets_in_help():
    import tomllib, clip_lit
    names = tomllib.loads((Path(clip_lit.__file__).parent/'presets.toml').read_text())
    assert ', '.join(names) in ' '.join(run('enhance', '--help').stdout.split())

def test_enhance_address(photos, network, tmp_path):
    for name in ('letter.jpg', 'zero.jpg', 'torn.jpg'): (photos/name).unlink()
    args = ('--network', network, '--device', 'cpu', '-r')
    assert run('enhance', photos, '-o', tmp_path/'path', *args).returncode == 0
    r = run('enhance', f'file://{photos}', '-o', f'file://{tmp_path}/address', *args)
    assert r.returncode == 0 and '3 enhanced' in r.stdout
    for name in ('a.jpg', 'b.png', 'trip/a.jpg'): assert sha(tmp_path/'path'/name) == sha(tmp_path/'address'/name)

def test_export(network, tmp_path):
    out = tmp_path/'light.onnx'
    r = run('export', out, '--network', network)
    assert r.returncode == 0 and out.stat().st_size > 1e6 and [p.name for p in tmp_path.glob('*.onnx')] == ['light.onnx']
    refused('export', out, '--network', network, says=['already exists'])
    refused('export', tmp_path/'light.txt', says=['.onnx'])
    from clip_lit.hub import WEIGHTS
    shared = tmp_path/'shared'; shared.mkdir(); shutil.copy(network, shared/WEIGHTS)
    (tmp_path/'empty').mkdir()
    assert run('export', tmp_path/'b.onnx', '--network', shared).returncode == 0 and (tmp_path/'b.onnx').read_bytes() == out.read_bytes()
    for name, says in ((tmp_path/'empty', WEIGHTS), ('clip_lit_oficial', 'clip_lit_official')): refused('export', tmp_path/'c.onnx', '--network', name, says=[name, says])

def test_score_refuses(tmp_path):
    empty = tmp_path/'empty'; empty.mkdir()
    refused('score', tmp_path/'nowhere.jpg', says=['nowhere.jpg'])
    refused('score', empty, says=[empty])

def test_score(photos):
    import clip_lit
    here = Path(clip_lit.__file__).parent
    if not ((here/'weights'/'default_prompts.safetensors').exists() and (here/'priors'/'vit').exists()): pytest.skip('the package holds no prompt pair yet')
    r = run('score', photos, '--device', 'cpu', '--json')
    got = json.loads(r.stdout)
    assert r.returncode == 1 and len(got) == 5
    scores = {Path(d['photo']).name: d['backlit'] for d in got if 'backlit' in d}
    assert set(scores) == {'a.jpg', 'b.png'} and all(0 <= s <= 1 for s in scores.values())
    assert {Path(d['photo']).name for d in got if 'error' in d} == {'letter.jpg', 'zero.jpg', 'torn.jpg'}
    refused('score', photos/'a.jpg', '--prior', 'no-such-clip', says=['no-such-clip'])
    refused('score', photos/'a.jpg', '--prompts', photos/'b.png', says=['b.png'])

def test_evaluate(photos, network, tmp_path):
    for name in ('letter.jpg', 'zero.jpg', 'torn.jpg'): (photos/name).unlink()
    refs, out = tmp_path/'refs', tmp_path/'out'
    shutil.copytree(photos, refs)
    r = run('evaluate', photos, refs, '--metrics', 'psnr,entropy', '--network', network, '--device', 'cpu', '-o', out)
    assert r.returncode == 0, r.stderr
    for method in ('input', 'gamma', 'clahe', 'network'): assert method in r.stdout
    assert (out/'per_image.csv').exists() and (out/'table.csv').exists() and 'input' in (out/'table.md').read_text()

def test_evaluate_goes_on(photos, network, tmp_path):
    r = run('evaluate', photos, '--metrics', 'entropy', '--network', network, '--device', 'cpu', '-o', tmp_path/'out')
    assert r.returncode == 1 and '3 photos could not be measured' in r.stdout
    for name in ('letter.jpg', 'zero.jpg', 'torn.jpg'): assert r.stderr.count(str(photos/name)) == 1
    assert {line.split(',')[0] for line in (tmp_path/'out'/'per_image.csv').read_text().splitlines()[1:]} == {'a.jpg', 'b.png'}
    assert 'a.jpg' in (tmp_path/'out'/'per_image.md').read_text()

def test_evaluate_refuses(photos, tmp_path):
    refused('evaluate', tmp_path/'nowhere', says=['nowhere'])
    refused('evaluate', photos, tmp_path/'nowhere', says=['nowhere'])
    refused('evaluate', photos, photos, says=[photos])
    refused('evaluate', photos/'b.png', says=['b.png'])

def test_info(network, tmp_path):
    r = run('info', 'clip_lit_official')
    assert r.returncode == 0 and all(w in r.stdout for w in ('https://', '67aa1bdb', 'S-Lab'))
    r = run('info', network)
    assert r.returncode == 0 and '278,790' in r.stdout and 'drawn' in r.stdout
    refused('info', tmp_path/'nowhere.safetensors', says=['nowhere.safetensors'])
    (tmp_path/'torn.safetensors').write_bytes(network.read_bytes()[:5000])
    refused('info', tmp_path/'torn.safetensors', says=['torn.safetensors'])

def test_check(tmp_path):
    good, misspelt, moved, range_, yaml = (tmp_path/f'{n}.yaml' for n in ('good', 'misspelt', 'moved', 'range', 'yaml'))
    good.write_text('profile: sample\nruns: {prompt: {train: {batch: 4}}}\n')
    misspelt.write_text('profile: sample\nruns: {prompt: {train: {bacth: 4}}}\n')
    moved.write_text('profile: sample\ntrain: {batch: 4}\n')
    range_.write_text('profile: sample\nruns: {prompt: {train: {batch: 0}}}\n')
    yaml.write_text('train: {')
    assert run('check', good).returncode == 0
    refused('check', misspelt, says=['misspelt.yaml', 'bacth', 'batch'])
    refused('check', moved, says=['moved.yaml', 'runs.NAME.train'])
    refused('check', range_, says=['range.yaml', 'batch'])
    refused('check', yaml, says=['yaml.yaml'])
    refused('check', tmp_path/'nowhere.yaml', says=['nowhere.yaml'])
    refused('check', says=['params.yaml'], cwd=tmp_path)

def test_check_photos_to_test_on(tmp_path):
    for d, names in dict(b='abcd', w='abcd', other='xy').items():
        (tmp_path/d).mkdir()
        for n in names: Image.new('RGB', (40, 30), (90, 60, 9)).save(tmp_path/d/f'{n}.png')
    def params(device='cpu', evaluate='{}', **test):
        data = dict(train_backlit='b', train_welllit='w', test_backlit='b', test_welllit='b', test_unpaired='b') | test
        (tmp_path/'p.yaml').write_text(f'device: {device}\ndata: {json.dumps(data)}\nevaluate: {evaluate}\nruns: {{r: {{prompt_init: {{batch: 4}}, train: {{batch: 4, prompt_batch: 4, keep: 0}}}}}}\n')
        return 'check', '--photos', 'p.yaml'
    assert run(*params(), cwd=tmp_path).returncode == 0
    assert run(*params(test_backlit='data/sample/test/backlit', test_welllit='data/sample/test/welllit'), cwd=tmp_path).returncode == 0 # to be made yet
    refused(*params(test_backlit='nope'), says=['nope'], cwd=tmp_path)
    refused(*params(test_unpaired='nope'), says=['nope'], cwd=tmp_path)
    refused(*params(test_welllit='other'), says=['no partner'], cwd=tmp_path)
    refused(*params(evaluate='{weights_dir: nope}'), says=['evaluate.weights_dir', 'nope'], cwd=tmp_path)
    refused(*params(evaluate='{published: nope.csv}'), says=['evaluate.published', 'nope.csv'], cwd=tmp_path)
    refused(*params(device='xpu'), says=['xpu'], cwd=tmp_path)
    (tmp_path/'w'/'d.png').write_bytes(b'no photo')
    refused(*params(test_welllit='w'), says=['d.png'], cwd=tmp_path)
