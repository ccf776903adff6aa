"Nothing in params.yaml reaches a shell: stages are really run, by dvc, with values that would make a file."
import os, shutil, subprocess, sys
from pathlib import Path
import pytest, yaml

ROOT, BIN = Path(__file__).parent.parent, Path(sys.executable).parent
STAGES = yaml.safe_load((ROOT/'dvc.yaml').read_text())['stages']

HARM = ['$(touch x)', '`touch x`', '"; touch x; "', '; touch x', 'a\ntouch x', 'a\\', "' ; touch x '", '| touch x', '&& touch x', '${data}']


@pytest.fixture(scope='module')
def repo(tmp_path_factory):
    "The stages, their notebooks and parameters in a repository of their own; papermill is another word for echo, the commands are what matters"
    here = tmp_path_factory.mktemp('injection')
    shutil.copytree(ROOT/'nbs'/'stages', here/'nbs'/'stages')
    (here/'dvc.yaml').write_text((ROOT/'dvc.yaml').read_text().replace('frozen: true', 'frozen: false'))
    shutil.copytree(ROOT/'clip_lit', here/'clip_lit')  # what the stages depend on is there: dvc does not stop for want of it
    for d in ('train/backlit', 'train/welllit', 'test/backlit', 'test/welllit'): (here/'data'/'sample'/d).mkdir(parents=True)
    (here/'bin').mkdir()
    for name in ('papermill', 'nbdev_clean'): (here/'bin'/name).write_text('#!/bin/sh\necho "$0 $@" >> ran.txt\n'); (here/'bin'/name).chmod(0o755)
    run(here, 'git', 'init', '-q'); run(here, 'dvc', 'init', '-q')
    return here


def run(here, *cmd):
    return subprocess.run(cmd, cwd=here, capture_output=True, text=True, timeout=120, env=os.environ | dict(PATH=f'{here}/bin:{BIN}:{os.environ["PATH"]}', PYTHONPATH=str(ROOT), DVC_NO_ANALYTICS='1'))


def test_every_stage_checks_first():
    for name, stage in STAGES.items():
        cmd = stage.get('do', stage)['cmd']
        assert cmd[0] in ('clip-lit check', 'clip-lit check --photos'), f'{name}: the parameters must be checked before anything of them is used'


PLACES = {  # where a value stands: (how to put it there, the stage that uses it)
    'text':    (lambda p, v: p['data'].update(train_backlit=v), 'prompt_init@prompt'),
    'clip':    (lambda p, v: p['clip'].update(guide=v), 'evaluate'),
    'number':  (lambda p, v: p['sample_data'].update(short=v), 'sample_data'),
    'digits':  (lambda p, v: p['sample_data'].update(short=f'64 {v}'), 'sample_data'),
    'choice':  (lambda p, v: p['runs']['prompt']['prompt_init'].update(guidance=v), 'prompt_init@prompt'),
    'run':     (lambda p, v: p['runs'].update({v: p['runs']['prompt']}), 'sample_data'),
    'profile': (lambda p, v: p.update(profile=v), 'sample_data'),
    'device':  (lambda p, v: p.update(device=v), 'evaluate'),
    'prior':   (lambda p, v: p['prior'].update(precision=v), 'prior'),
    'frozen':  (lambda p, v: p['default_network']['train'].update(start=v), 'default_network'),
    'key':     (lambda p, v: p['data'].update({v: 'x'}), 'sample_data'),
}


@pytest.mark.parametrize('place', PLACES)
def test_check_refuses_what_a_shell_would_run(place, tmp_path):
    from clip_lit.params import ParamError, load_params
    for v in HARM:
        if place in ('text', 'clip') and v in ('; touch x', "' ; touch x '", '| touch x', '&& touch x'): continue  # harmless between double quotes, and a folder may be called so
        params = yaml.safe_load((ROOT/'params.yaml').read_text())
        PLACES[place][0](params, v)
        (tmp_path/'params.yaml').write_text(yaml.safe_dump(params, allow_unicode=True))
        with pytest.raises(ParamError) as e: load_params(tmp_path/'params.yaml')
        assert '\n' not in str(e.value)


@pytest.mark.parametrize('place, value', [('text', '$(touch x)'), ('text', 'a"; touch x; "'), ('clip', '; touch x'), ('number', '; touch x'), ('digits', '\ntouch x'), ('choice', '`touch x`'), ('run', '; touch x'), ('profile', '$(touch x)'), ('prior', '$(touch x)'), ('frozen', '"\ntouch x\n"')])
def test_dvc_runs_nothing_of_a_value(repo, place, value):
    params = yaml.safe_load((ROOT/'params.yaml').read_text())
    put, stage = PLACES[place]
    put(params, value)
    (repo/'params.yaml').write_text(yaml.safe_dump(params))
    (repo/'ran.txt').unlink(missing_ok=True)
    if place == 'text': (repo/value).mkdir(exist_ok=True)
    r = run(repo, 'dvc', 'repro', '--force', '--single-item', stage)
    assert not list(repo.rglob('x')), 'a value was run'
    assert r.returncode or place == 'clip', r.stdout + r.stderr
    if place == 'clip': assert value in (repo/'ran.txt').read_text()  # it arrived as it is
    else: assert not (repo/'ran.txt').exists() and 'clip-lit: params.yaml' in r.stdout + r.stderr, r.stdout + r.stderr
    assert 'Traceback' not in r.stderr


def test_the_test_above_can_fail(repo):
    "Stages are run where nothing is wrong, and without the check a value would be run"
    shutil.copy(ROOT/'params.yaml', repo)
    (repo/'ran.txt').unlink(missing_ok=True)
    run(repo, 'dvc', 'repro', '--force', '--single-item', 'sample_data')
    assert '-p short 256' in (repo/'ran.txt').read_text()
    params = yaml.safe_load((ROOT/'params.yaml').read_text())
    params['profile'] = '$(touch x)'
    (repo/'params.yaml').write_text(yaml.safe_dump(params))
    unchecked = repo/'bin'/'clip-lit'
    unchecked.write_text('#!/bin/sh\n'); unchecked.chmod(0o755)
    try: run(repo, 'dvc', 'repro', '--force', '--single-item', 'sample_data'); assert (repo/'x').exists()
    finally: unchecked.unlink(); (repo/'x').unlink(missing_ok=True)
