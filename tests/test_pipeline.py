"The pipeline's description holds together: tags, parameters, and clear words for a mistake."
import json, subprocess, sys
from dataclasses import fields
from pathlib import Path
import pytest, yaml
from PIL import Image
from clip_lit.params import SECTIONS, ParamError, load_params
from command import run

ROOT = Path(__file__).parent.parent
STAGES = ['sample_data', 'prompt_init', 'train', 'evaluate', 'prior']


@pytest.mark.parametrize('stage', STAGES)
def test_stage_notebook_is_parameterised_and_thin(stage):
    cells = json.loads((ROOT/'nbs'/'stages'/f'{stage}.ipynb').read_text())['cells']
    tagged = [c for c in cells if 'parameters' in c['metadata'].get('tags', [])]
    assert len(tagged) == 1, 'without the tag papermill runs the defaults and says nothing'
    assert not any(c.get('outputs') for c in cells)
    given = {}
    exec(''.join(tagged[0]['source']), given)
    assert {f.name for f in fields(SECTIONS[stage])} <= set(given)
    stage_ = yaml.safe_load((ROOT/'dvc.yaml').read_text())['stages'][stage]
    text = stage_.get('do', stage_)['cmd']
    for f in fields(SECTIONS[stage]): assert f'-p {f.name} ' in ' '.join(text), f'{stage}: {f.name} is not handed over'


def test_parameters_file_is_valid():
    params = load_params(ROOT/'params.yaml')
    assert params['profile'] == 'sample' and [r['prompt_init'].guidance for r in params['runs'].values()] == ['prompt', 'latent', 'residual']


def test_misspelt_parameter_stops_a_stage_with_one_sentence(tmp_path):
    (tmp_path/'params.yaml').write_text((ROOT/'params.yaml').read_text().replace('enhance_threshold:', 'enhance_treshold:'))
    with pytest.raises(ParamError, match='did you mean `train.enhance_threshold`'): load_params(tmp_path/'params.yaml')
    r = run('check', tmp_path/'params.yaml')
    assert r.returncode != 0 and 'enhance_threshold' in r.stderr and 'Traceback' not in r.stderr


def photos(folder, n):
    folder.mkdir()
    for i in range(n): Image.new('RGB', (40, 30), (9*i, 90, 60)).save(folder/f'{i:02}.jpg')
    return folder


@pytest.mark.parametrize('backlit, welllit, says', [
    ('b', 'nowhere', 'nowhere'), ('b', 'empty', 'empty'), ('b', 'b', 'one and the same'), ('few', 'w', 'fewer than the 16'), ('broken', 'w', 'half.jpg')])
def test_folders_that_cannot_be_trained_on_stop_a_run_with_one_sentence(tmp_path, backlit, welllit, says):
    for name, n in dict(b=16, w=16, few=5, broken=16, empty=0).items(): photos(tmp_path/name, n)
    whole = (tmp_path/'broken'/'00.jpg').read_bytes()
    (tmp_path/'broken'/'half.jpg').write_bytes(whole[:len(whole)//2])
    params = yaml.safe_load((ROOT/'params.yaml').read_text())
    params['data'] |= dict(train_backlit=str(tmp_path/backlit), train_welllit=str(tmp_path/welllit))
    (tmp_path/'params.yaml').write_text(yaml.safe_dump(params))
    r = run('check', '--photos', tmp_path/'params.yaml')
    assert r.returncode == 1 and says in r.stderr and len(r.stderr.strip().splitlines()) == 1


def test_stages_check_before_they_start():
    stages = yaml.safe_load((ROOT/'dvc.yaml').read_text())['stages']
    for stage in ('prompt_init', 'train'): assert stages[stage]['do']['cmd'][0] == 'clip-lit check --photos'
    assert all(stages[s]['cmd'][0].startswith('clip-lit check') for s in ('sample_data', 'evaluate'))


@pytest.mark.parametrize('profile', sorted((ROOT/'profiles').glob('*.yaml')), ids=lambda p: p.stem)
def test_a_profile_takes_the_place_of_params(tmp_path, profile):
    runs = load_params(profile)['runs']
    for name, text in {'params.yaml': profile.read_text(), 'dvc.yaml': (ROOT/'dvc.yaml').read_text()}.items(): (tmp_path/name).write_text(text)
    def dvc(*args): return subprocess.run([str(Path(sys.executable).parent/'dvc'), *args], cwd=tmp_path, capture_output=True, text=True)
    assert dvc('init', '--no-scm', '-q').returncode == 0
    stages = dvc('stage', 'list', '--name-only')
    assert {f'{s}@{r}' for s in ('prompt_init', 'train') for r in runs} | {'evaluate'} <= set(stages.stdout.split()), stages.stderr
