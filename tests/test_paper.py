"The paper's setting from end to end, as `make paper` runs it: CLIP at full size in OpenAI's own format, data in the layouts in which it is distributed; only weights and photos are made up, and the phases are a few steps long. Slow: `python -m pytest -m slow`."
import os, re, shutil, subprocess, sys
from pathlib import Path
import pytest, yaml
from PIL import Image

ROOT, BIN = Path(__file__).parent.parent, Path(sys.executable).parent


def openai_file(name, path):
    "A randomly initialised CLIP of that architecture as a TorchScript archive in half precision, which is how OpenAI published theirs"
    import open_clip, torch
    class Archive(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor: return x
    torch.manual_seed(0)
    root = Archive()
    for k, v in (open_clip.create_model(name).state_dict() | {k: torch.tensor(v) for k, v in dict(input_resolution=224, context_length=77, vocab_size=49408).items()}).items():
        at, *way = root, *k.split('.')
        for w in way[:-1]:
            if w not in dict(at.named_children()): at.add_module(w, Archive())
            at = dict(at.named_children())[w]
        at.register_buffer(way[-1], v.half() if v.is_floating_point() else v)
    torch.jit.script(root).save(str(path))
    return path


def datasets(data):
    "The three sets as they are distributed: BAID as CLIP-LIT's authors give it, DIV2K as a training folder, Backlit300 flat; a near-duplicate among the test photos"
    from clip_lit.sample import make_sample_set
    make_sample_set(data/'made', 8, 8, 6, progress=False)
    made = lambda *p: sorted((data/'made').joinpath(*p).iterdir())
    def lay(photos, folder, names):
        folder.mkdir(parents=True)
        for p, n in zip(photos, names): Image.open(p).save(folder/n)
    lay(made('train', 'backlit'), data/'baid'/'BAID_380'/'resize_input', [f'{i:04}.jpg' for i in range(8)])
    test = [f'{i:04}(1).png' for i in range(5)]
    lay(made('test', 'backlit')[:5], data/'baid'/'test'/'resize_input', test)
    lay(made('test', 'welllit')[:5], data/'baid'/'test'/'resize_gt', [f'{i:04}.png' for i in range(5)])
    Image.open(made('test', 'backlit')[0]).save(data/'baid'/'test'/'resize_input'/'0000(2).jpg', quality=80)
    lay(made('train', 'welllit'), data/'div2k'/'DIV2K_train_HR', [f'{i:04}.png' for i in range(1, 9)])
    lay(made('test', 'backlit')[5:], data/'backlit300', ['a.jpg'])
    shutil.rmtree(data/'made')


def run(cmd, cwd, **env):
    return subprocess.run(cmd, cwd=cwd, capture_output=True, text=True, env=os.environ | dict(PATH=f'{BIN}:{os.environ["PATH"]}', PYTHONPATH=str(cwd)) | env)


@pytest.mark.slow
def test_paper_profile_from_end_to_end(tmp_path):
    import torch
    from clip_lit.network import new_network
    here = tmp_path/'repo'
    for f in subprocess.run(['git', 'ls-files'], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines():
        if (ROOT/f).is_file(): (here/f).parent.mkdir(parents=True, exist_ok=True); shutil.copy(ROOT/f, here/f)
    run(['git', 'init', '-q'], here)
    said = run(['clip-lit', 'paper'], here)
    assert said.returncode == 1 and all(w in said.stderr for w in ('baid', 'div2k', 'backlit300', 'download')), said.stderr
    datasets(here/'data')
    vit, rn = (openai_file(n, tmp_path/f) for n, f in (('ViT-B-32-quickgelu', 'ViT-B-32.pt'), ('RN101-quickgelu', 'RN101.pt')))
    counts = [f'--count={k}={n}' for k, n in dict(train_backlit=8, train_welllit=8, test_backlit=6, backlit300=1).items()]
    said = run(['clip-lit', 'paper', *counts], here)
    assert said.returncode == 0, said.stderr

    params = yaml.safe_load((here/'profiles'/'paper.yaml').read_text())
    params['clip'] |= dict(guide=f'ViT-B-32-quickgelu:{vit}', features=f'RN101-quickgelu:{rn}')
    run_ = params['runs']['prompt']
    run_['prompt_init'] |= dict(iterations=3, batch=4, size=64)
    run_['train'] |= dict(batch=2, size=64, warmup=2, enhance=2, enhance_threshold=1e9, prompt_batch=2, prompt_size=64, refine=2, refine_threshold=1e9, window=2, check=1, budget=10)
    params['runs'] |= dict(latent=dict(prompt_init=run_['prompt_init'] | dict(guidance='latent', lr=5e-4), train=run_['train'] | dict(prompt_lr=5e-4)),
                           residual=dict(prompt_init=run_['prompt_init'] | dict(guidance='residual'), train=run_['train'] | dict(clip_weight=1920., budget=4)))
    params['evaluate'] |= dict(download=0, others=' theirs.pth, prompt.pth', metrics='psnr, ssim, psnr_grey, ssim_grey, piqe, lpips')
    for name in ('theirs', 'prompt'): torch.save({f'module.{k}': v for k, v in new_network(1).state_dict().items()}, here/f'{name}.pth') # the official layout
    (here/'published.csv').write_text('dataset,method,metric,value,source,protocol\nBAID,Theirs,PSNR,21.0,A paper,not stated\n')
    params['evaluate']['published'] = 'published.csv'
    (here/'params.yaml').write_text(yaml.safe_dump(params))
    for check in (['clip-lit', 'check', '--photos', '--clip'], ['dvc', 'repro', 'evaluate']):
        said = run(check, here)
        assert said.returncode == 0, said.stdout[-3000:] + said.stderr[-6000:]

    results = here/'results'/'paper'
    assert all((results/'models'/r/'network.safetensors').is_file() for r in ('prompt', 'latent', 'residual'))
    summary = (results/'tables'/'summary.md').read_text()
    assert all(f'| {r} | 6 |' in summary for r in ('prompt', 'latent', 'residual', 'gamma', 'theirs', 'prompt.pth')) and 'LPIPS: unavailable' in summary
    assert '0000(2).jpg' in (results/'tables'/'duplicates.csv').read_text()
    beside = (results/'tables'/'published.md').read_text()
    assert 'A paper' in beside and 'without duplicates' in beside and re.search(r'\| Theirs \|.*21', beside)
    assert '| prompt | 1 |' in (results/'tables'/'summary_unpaired.md').read_text()

    for what, spoil, says in (('guide', tmp_path/'gone.pt', 'no such CLIP checkpoint'), ('guide', rn, 'another architecture'), ('features', tmp_path/'cut.pt', 'not a readable CLIP checkpoint')):
        if spoil.name == 'cut.pt': spoil.write_bytes(rn.read_bytes()[:100_000])
        bad = params | dict(clip=params['clip'] | {what: f'{params["clip"][what].split(":")[0]}:{spoil}'})
        (tmp_path/'bad.yaml').write_text(yaml.safe_dump(bad))
        said = run(['clip-lit', 'check', '--clip', str(tmp_path/'bad.yaml')], here)
        assert said.returncode == 1 and says in said.stderr and 'Traceback' not in said.stderr, said.stderr
