"Files made to do harm, at every place where the command takes a file: nothing of them is run, and one sentence is said."
import pickle, shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

@pytest.fixture
def run(here, capsys, monkeypatch):
    "The command, in this process: what it says, and its exit code"
    monkeypatch.chdir(here)
    def f(*args):
        from clip_lit.cli import main
        with pytest.raises(SystemExit) as e: main(list(args))
        said = capsys.readouterr()
        return SimpleNamespace(returncode=e.value.code, stdout=said.out, stderr=said.err)
    return f

class Harm:
    "Unpickled, it makes a file"
    def __init__(self, path): self.path = path
    def __reduce__(self): return Path.touch, (self.path,)


@pytest.fixture
def here(tmp_path):
    "A photo, and the same harm in every form in which weights come"
    import torch
    (tmp_path/'in').mkdir(); Image.new('RGB', (40, 30), (60, 90, 60)).save(tmp_path/'in'/'a.jpg')
    harm = Harm(tmp_path/'made')
    for name in ('evil.pth', 'evil.pt', 'brisque_svm_weights.pth', 'LPIPS_v0.1_alex-df73285e.pth'): torch.save({'cond1.weight': harm}, tmp_path/name)
    torch.save(harm, tmp_path/'old.pth', _use_new_zipfile_serialization=False)
    for name in ('bare.pth', 'evil.safetensors', 'RN50.pt', 'niqe_modelparameters.mat'): (tmp_path/name).write_bytes(pickle.dumps(harm))
    (tmp_path/'model').mkdir(); shutil.copy(tmp_path/'evil.pt', tmp_path/'model'/'open_clip_pytorch_model.bin')
    shutil.copy(Path(__file__).parent.parent/'clip_lit'/'priors'/'vit'/'open_clip_config.json', tmp_path/'model')
    return tmp_path


@pytest.mark.parametrize('args', [
    *(['enhance', 'in', '-o', 'out', '--network', n] for n in ('evil.pth', 'evil.pt', 'old.pth', 'bare.pth', 'evil.safetensors')),
    ['score', 'in', '--prompts', 'evil.safetensors'], ['score', 'in', '--prompts', 'evil.pth'], ['score', 'in', '--prior', 'ViT-B-32-quickgelu:./evil.pt'], ['score', 'in', '--prior', 'local-dir:model'],
    ['info', 'evil.pth'], ['evaluate', 'in', '--network', 'bare.pth']], ids=' '.join)
def test_code_in_a_file_is_never_run(here, run, args):
    r = run(*args)
    assert not (here/'made').exists(), 'code of a file was run'
    assert r.returncode == 1 and r.stdout == '' and r.stderr.count('\n') == 1 and 'Traceback' not in r.stderr, (r.returncode, r.stdout, r.stderr)


def test_code_in_weights_of_metrics_is_never_run(here, run):
    r = run('info', '--weights-dir', str(here))
    assert not (here/'made').exists() and r.returncode == 0, r.stderr
    for metric in ('brisque', 'niqe', 'clipiqa', 'lpips'): assert any(l.startswith(metric) and 'no:' in l for l in r.stdout.splitlines()), metric


def test_the_harm_is_real(here):
    "Else the tests above could never fail"
    import torch
    torch.load(here/'evil.pth', weights_only=False)
    assert (here/'made').exists()


@pytest.mark.parametrize('args, says', [
    (['enhance', 'in', '-o', 'out', '--strenght', '1'], '--strength'), (['enhnce'], 'enhance'), (['enhance', 'in', '-o', 'out', '--strength', 'nan'], '--strength'), (['enhance', 'in', '-o', 'out', '--quality', '0'], '--quality'),
    (['enhance', 'in', '-o', 'out', '--quality', '9' * 5000], '--quality'), (['evaluate', 'in', '--metrics', 'nique'], 'niqe'), (['enhance', 'in', '-o', 'out', '--network', 'rave_pared'], 'rave_paired'), (['score', 'in', '--prior', 'sample-vt'], 'sample-vit'),
    (['check', 'p.yaml'], 'did you mean `evaluate.metrics`')], ids=lambda v: str(v)[:60])
def test_a_slip_is_named_with_what_was_meant(here, run, args, says):
    (here/'p.yaml').write_text('evaluate: {metrcs: psnr}\n')
    r = run(*args)
    assert int(r.returncode) in (1, 2) and says in r.stderr and 'Traceback' not in r.stderr and not (here/'out').exists(), r.stderr
