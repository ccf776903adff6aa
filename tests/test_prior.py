"Does the shipped prior know light, on real photographs and on the held-out pairs?"
from pathlib import Path
import pytest, torch
from clip_lit.clip import load_clip
from clip_lit.data import PhotoSet
from clip_lit.prior import roc_auc
from clip_lit.sample import make_sample_set

SHARED = Path(__file__).parent.parent.parent/'shared'/'photos'


def auc(name, backlit, welllit):
    prior, words = load_clip(name), ['a backlit photo', 'a well-lit photo']
    with torch.inference_mode(): a, b = (prior.zero_shot(PhotoSet(d, 256)[:], words).log().diff().neg()[:, 0].numpy() for d in (backlit, welllit))
    return roc_auc(a, b)


@pytest.mark.parametrize('name', ['sample-vit', 'sample-rn'])
@pytest.mark.skipif(not SHARED.is_dir(), reason='the real photographs are not beside this checkout')
def test_knows_light_on_real_photographs(name):
    assert auc(name, SHARED/'backlit', SHARED/'welllit') >= .9


@pytest.mark.parametrize('name', ['sample-vit', 'sample-rn'])
def test_knows_light_on_held_out_pairs(name, tmp_path):
    test = make_sample_set(tmp_path, 0, 0, 12, progress=False)/'test'
    assert auc(name, test/'backlit', test/'welllit') >= .9


def test_is_small():
    import clip_lit
    files = list((Path(clip_lit.__file__).parent/'priors').rglob('*.safetensors'))
    assert len(files) == 2 and sum(f.stat().st_size for f in files) < 16e6
