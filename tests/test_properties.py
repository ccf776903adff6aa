"""Whatever a photo is like, its result is as promised; and damaged files raise the promised errors only."""
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image

from fuzz import TARGETS, fuzz
from photo_files import PRIMARIES, profile

from clip_lit.enhance import Enhancer
from clip_lit.network import new_network
from clip_lit.photos import WRITERS, can_write, colour_space, open_photo, software_of, tag_exif, upright_exif

LOSSLESS = '.png', '.tif'
enhancer = Enhancer(new_network(seed=0), 'cpu')
checked = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

@st.composite
def photos(draw):
    "A photo as an array of samples, and what goes with it"
    h, w = draw(st.one_of(st.tuples(st.integers(1, 40), st.integers(1, 40)), st.sampled_from([(1, 1), (1, 300), (300, 1), (2, 97)])))
    depth, channels, seed = draw(st.sampled_from([8, 16])), draw(st.integers(1, 4)), draw(st.integers(0, 99))
    a = np.random.default_rng(seed).integers(0, 2**depth, (h, w, channels)).astype(f'uint{depth}')
    kind = draw(st.sampled_from(['noise', 'black', 'white']))
    if kind != 'noise': a[..., :3 if channels > 2 else 1] = 0 if kind == 'black' else 2**depth - 1
    exif = Image.Exif(); exif[0x10f], exif[0x112] = 'A camera', draw(st.integers(1, 8)); exif.get_ifd(0x8769)[0x9003] = '2024:05:06 07:08:09'; exif.get_ifd(0x8825)[1] = 'N'
    colour = draw(st.sampled_from([None, *[(p, g) for p in PRIMARIES for g in (None, 1.8, 2.2)]])) if channels > 2 else draw(st.sampled_from([None, (None, 2.2), (None, 1.)]))
    return a, depth, exif, profile(*colour) if colour else None

def file_of(a, suffix, exif, icc):
    "In a file, as someone else would have stored it: orientation in its EXIF block"
    return bytes(replace(open_photo(a), exif=exif.tobytes(), icc=icc).encode(suffix))

def said(exif): e = Image.Exif(); e.load(exif); return e[0x10f], e.get(0x112, 1), e.get_ifd(0x8769)[0x9003], e.get_ifd(0x8825)[1]

@checked
@given(photos(), st.sampled_from([s for s in WRITERS if can_write(s) and s not in ('.jpeg', '.tiff', '.heif')]))
def test_what_is_kept(tmp_path_factory, photo, suffix):
    a, depth, exif, icc = photo
    if suffix in ('.avif', '.heic'): exif[0x112] = 1  # these say which way is up elsewhere
    data = file_of(a, suffix, exif, icc)
    p = open_photo(data, name='photo' + suffix)
    h, w = a.shape[:2]
    assert p.size == ((w, h) if exif[0x112] < 5 else (h, w)) and p.notes == ()
    if suffix not in ('.avif', '.heic', '.webp'): assert p.grey == (a.shape[2] < 3) or (suffix, depth, a.shape[2]) == ('.tif', 16, 2)
    assert p.depth == (depth if suffix in LOSSLESS else 8)
    if suffix != '.webp': assert (p.alpha is not None) == (a.shape[2] in (2, 4) and suffix != '.jpg')
    assert p.icc == icc and said(p.exif)[1] == 1
    none, full = enhancer(p, strength=0), enhancer(p)
    assert np.array_equal(none.pixels, p.pixels)
    if p.alpha is not None: assert np.array_equal(none.alpha, p.alpha) and np.array_equal(full.alpha, p.alpha)
    path = full.save(tmp_path_factory.mktemp('out')/f'out{suffix}')
    q = open_photo(path)
    assert (q.size, q.depth, q.grey, q.icc, (q.alpha is None)) == (p.size, p.depth, p.grey, p.icc, p.alpha is None)
    assert said(q.exif) == ('A camera', 1, '2024:05:06 07:08:09', 'N') and software_of(q.exif).startswith('clip_lit ')
    assert not full.stripped().exif and full.stripped().icc == icc
    if suffix in LOSSLESS:
        again = open_photo(none.save(path, overwrite=True))
        assert np.array_equal(again.samples(depth), p.samples(depth))

@checked
@given(st.binary(max_size=200), st.dictionaries(st.sampled_from([0x0b, 0x112, 0x10f]), st.one_of(st.none(), st.text(min_size=1, max_size=40)), max_size=3))
def test_exif_of_any_bytes(noise, tags):
    for start in (b'', b'Exif\0\0II*\0\x08\0\0\0', b'Exif\0\0MM\0*\0\0\0\x08'):
        _, exif = upright_exif(start + noise)
        marked = tag_exif(exif, tags)
        if exif: assert marked[14:len(exif)] == exif[14:]  # all that was there, where it was
        if tags.get(0x0b): assert software_of(marked) == tags[0x0b].encode('ascii', 'replace').decode().ljust(4).rstrip('\0')
        assert upright_exif(marked)[1]

@checked
@given(st.sampled_from([(p, g) for p in PRIMARIES for g in (None, 1., 1.8, 2.2)]), st.integers(0, 99))
def test_light_is_the_same_in_every_space(space, seed):
    "Mend in the photo's own space, then convert; or convert, then mend"
    from PIL import ImageCms
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(40, 200, (5, 6, 3)).astype(np.uint8)).resize((36, 30), Image.BICUBIC)
    p = replace(open_photo(np.asarray(small)), icc=profile(*space))
    to = lambda photo: photo.srgb()[0].permute(1, 2, 0).numpy()
    L = np.linspace(.6, 1, 36, dtype=np.float32)[None].repeat(30, 0)
    net = Enhancer(new_network(seed=0), 'cpu')
    import torch
    net.maps_of = lambda xs: [torch.from_numpy(L) for _ in xs]
    here, there = to(net(p)), net(to(p)).pixels
    inside = (here > .02).all(-1) & (here < .98).all(-1) & (there > .02).all(-1) & (there < .98).all(-1)
    if inside.sum() > 20: assert np.abs(here - there)[inside].mean() < .008, (space, np.abs(here - there)[inside].mean())

@pytest.mark.parametrize('target', list(TARGETS))
def test_damaged_files(target):
    found, refused = fuzz(target, 300)
    assert not found and refused > 50, found
