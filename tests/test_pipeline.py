"The pipeline's description holds together: tags, parameters, and clear words for a mistake."
import json, subprocess, sys
from dataclasses import fields
from pathlib import Path
import pytest, yaml
from clip_lit.params import SECTIONS, ParamError, load_params

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
    text = yaml.safe_load((ROOT/'dvc.yaml').read_text())['stages'][stage]['cmd']
    for f in fields(SECTIONS[stage]): assert f'-p {f.name} ' in ' '.join(text), f'{stage}: {f.name} is not handed over'


def test_parameters_file_is_valid():
    assert load_params(ROOT/'params.yaml')['profile'] == 'sample'


def test_misspelt_parameter_stops_a_stage_with_one_sentence(tmp_path):
    (tmp_path/'params.yaml').write_text((ROOT/'params.yaml').read_text().replace('enhance_threshold:', 'enhance_treshold:'))
    with pytest.raises(ParamError, match='did you mean `train.enhance_threshold`'): load_params(tmp_path/'params.yaml')
    run = subprocess.run([str(Path(sys.executable).parent/'clip-lit'), 'check', str(tmp_path/'params.yaml')], capture_output=True, text=True)
    assert run.returncode != 0 and 'enhance_threshold' in run.stderr and 'Traceback' not in run.stderr
