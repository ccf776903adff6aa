"""One folder with more than two hundred odd and hostile files: every good one is enhanced, every bad one is listed with its reason, nothing else happens."""
import hashlib, json, os, socket, struct, subprocess, sys, zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from photo_files import PRIMARIES, _pil, _tif, good_photos, png, png_header as header, profile, scene

def good():
    "{name: bytes}"
    rgb, out = Image.fromarray(scene()), {}
    whole = good_photos()
    out |= {f'whole-{n}'.replace('.gif', '-gif.png'): b for n, b in whole.items()}  # a GIF is read, under a name that is looked for
    for o in range(1, 9):
        exif = Image.Exif(); exif[0x112] = o
        for kind, suffix in (('JPEG', 'jpg'), ('PNG', 'png'), ('TIFF', 'tif'), ('WEBP', 'webp')): out[f'turned-{o}-{suffix}.{suffix}'] = _pil(rgb, kind, exif=exif)
    for w, h in ((1, 1), (1, 9), (9, 1), (2, 2), (3, 700), (700, 3), (1, 2000)):
        for kind, suffix in (('JPEG', 'jpg'), ('PNG', 'png'), ('TIFF', 'tif'), ('WEBP', 'webp')): out[f'size-{w}x{h}-{suffix}.{suffix}'] = _pil(rgb.resize((w, h)), kind)
    for what, v in (('black', 0), ('white', 255)):
        for kind, suffix in (('JPEG', 'jpg'), ('PNG', 'png'), ('TIFF', 'tif'), ('WEBP', 'webp')): out[f'{what}-{suffix}.{suffix}'] = _pil(Image.new('RGB', (20, 12), (v,)*3), kind)
    for name in PRIMARIES:
        for gamma in (None, 1., 1.8, 2.2): out[f'colour-{name}-{gamma}.png'] = _pil(rgb, 'PNG', icc_profile=profile(name, gamma))
    out |= {'colour-grey.jpg': _pil(rgb.convert('L'), 'JPEG', icc_profile=profile(None, 2.2)), 'colour-broken.jpg': _pil(rgb, 'JPEG', icc_profile=b'no profile'), 'colour-wrong.png': _pil(rgb, 'PNG', icc_profile=profile(None, 2.2)),
            'exif-broken.jpg': _pil(rgb, 'JPEG', exif=b'Exif\0\0MM\0*\xff\xff\xff\xff'), 'exif-large.jpg': _pil(rgb, 'JPEG', exif=b'Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0' + bytes(60_000)),
            'xmp-odd.jpg': _pil(rgb, 'JPEG', xmp=b'<x tiff:Orientation="6"'), 'inside-png.jpg': _pil(rgb, 'PNG'), 'inside-jpeg.png': _pil(rgb, 'JPEG'), 'inside-bmp.jpg': _pil(rgb, 'BMP'), 'inside-webp.tif': _pil(rgb, 'WEBP'),
            'float-rgb.tif': _tif((scene()/255).astype(np.float32), photometric='rgb'), 'float-half.tif': _tif((scene()/255).astype(np.float16), photometric='rgb'), 'float-double.tif': _tif(scene()[..., 0]/255),
            'bigtiff.tif': _tif(scene(), photometric='rgb', bigtiff=True), 'trailing.jpg': _pil(rgb, 'JPEG') + b'more'*1000, 'thumbnail.tif': _pil(rgb, 'TIFF', save_all=True, append_images=[rgb.copy()])}
    names = ['two words', 'été', '写真', '📷', 'line\nend', 'tab\tbell\a', "quote'\"", '$(touch x)', '; touch x', '`touch x`', '--strength', '%s%n', 'a\\b', 'dot.dot..', '\u202egpj', '~', '*', '.jpg.jpg'[1:], 'x'*251]
    return out | {f'{n}.jpg': _pil(rgb, 'JPEG') for n in names} | {os.fsdecode(b'\xff\xfe\xe9.jpg'): _pil(rgb, 'JPEG'), 'UPPER.JPG': _pil(rgb, 'JPEG'), 'Mixed.TiFf': _pil(rgb, 'TIFF')}

def bad():
    "{name: bytes}"
    from clip_lit.photos import PHOTO_SUFFIXES
    out, whole = {}, good_photos()
    for s in PHOTO_SUFFIXES: out |= {f'bad-zero-{s[1:]}{s}': b'', f'bad-letter-{s[1:]}{s}': b'Dear reader'*20, f'bad-noise-{s[1:]}{s}': np.random.default_rng(1).bytes(3000)}
    for name in ('baseline.jpg', 'progressive.jpg', 'cmyk.jpg', 'rgb.png', 'rgba16.png', 'grey16.png', 'rgb.tif', 'lzw.tif', 'rgb16.tif', 'lossless.webp'):
        out |= {f'bad-torn-{part}-{name}': whole[name][:len(whole[name])*part//100] for part in (5, 30, 60, 85)}
    for what, head in dict(pdf=b'%PDF-1.7\n', zip=b'PK\3\4', elf=b'\x7fELF', eps=b'%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n', html=b'<!doctype html>', svg=b'<svg xmlns="http://www.w3.org/2000/svg">', psd=b'8BPS\0\1').items(): out[f'bad-inside-{what}.jpg'] = head + bytes(500)
    jpeg = bytearray(whole['baseline.jpg']); i = jpeg.index(b'\xff\xc0'); jpeg[i+5:i+9] = struct.pack('>HH', 65500, 65500)
    return out | {
        'bad-bomb.png': png(header(60_000, 60_000), (b'IDAT', zlib.compress(bytes(10**6))), (b'IEND', b'')), 'bad-bomb.jpg': bytes(jpeg),
        'bad-bomb.tif': _tif(np.zeros((30_000, 30_000), np.uint8)[:8], photometric='minisblack').replace(struct.pack('<I', 30_000), struct.pack('<I', 4_000_000_000)),
        'bad-bomb.gif.png': b'GIF89a' + struct.pack('<HHBBB', 65535, 65535, 0x80, 0, 0) + bytes(60),
        'bad-text-bomb.png': png(header(8, 8), (b'zTXt', b'Comment\0\0' + zlib.compress(bytes(200*10**6), 9)), (b'IDAT', zlib.compress(bytes(200))), (b'IEND', b'')),
        'bad-profile-bomb.png': png(header(8, 8), (b'iCCP', b'icc\0\0' + zlib.compress(bytes(200*10**6), 9)), (b'IDAT', zlib.compress(bytes(200))), (b'IEND', b'')),
        'bad-no-size.png': png(header(0, 8), (b'IEND', b'')), 'bad-no-data.png': png(header(8, 8), (b'IEND', b'')), 'bad-checksum.png': png(header(8, 8), (b'IDAT', b'\0'*30), (b'IEND', b''))[:-20] + bytes(20),
        'bad-range.tif': _tif(np.full((8, 8), 7., np.float32)), 'bad-nan.tif': _tif(np.full((8, 8), np.nan, np.float32)), 'bad-nan-rgb.tif': _tif(np.full((8, 8, 3), np.nan, np.float32), photometric='rgb'),
        'bad-negative.tif': _tif(np.full((8, 8), -1., np.float32)), 'bad-int.tif': _tif(np.full((8, 8), 70_000, np.int32)), 'bad-complex.tif': _tif(np.ones((8, 8), np.complex64)),
    }

@pytest.fixture(scope='module')
def network(tmp_path_factory):
    from clip_lit.network import new_network, save_network
    return save_network(new_network(seed=0), tmp_path_factory.mktemp('network')/'net.safetensors', name='drawn')

def test_corpus(tmp_path, network):
    folder, out = tmp_path/'corpus', tmp_path/'out'
    (folder/'below').mkdir(parents=True)
    fine, broken = good(), bad()
    for name, data in (fine | broken).items(): (folder/name).write_bytes(data)
    odd = set()
    def oddity(name): odd.add(name); return folder/name
    os.symlink('whole-baseline.jpg', folder/'link.jpg'); os.symlink(folder/'whole-rgb.png', folder/'below/link.png'); os.link(folder/'whole-grey.jpg', folder/'hard.jpg')
    more = ['link.jpg', 'below/link.png', 'hard.jpg']
    os.symlink('nowhere.jpg', oddity('dangling.jpg')); os.symlink('loop.jpg', oddity('loop.jpg')); os.symlink('ping.jpg', oddity('pong.jpg')); os.symlink('pong.jpg', oddity('ping.jpg'))
    os.mkfifo(oddity('pipe.jpg')); os.symlink('/dev/zero', oddity('device.jpg')); os.symlink(folder, folder/'below/again'); os.symlink('/dev/full', oddity('full.png'))
    here = os.getcwd(); os.chdir(folder); s = socket.socket(socket.AF_UNIX); s.bind(str(oddity('socket.jpg').name)); os.chdir(here)
    (folder/'folder.jpg').mkdir()
    with open(oddity('sparse.jpg'), 'wb') as f: f.truncate(1 << 40)
    assert len(fine) + len(broken) + len(more) + len(odd) >= 200
    before = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob('*') if p.is_file() and p.name != 'sparse.jpg'}

    r = subprocess.run([sys.executable, '-c', 'from clip_lit.cli import main; main()', 'enhance', folder, '-o', out, '-r', '--json', '--network', network, '--device', 'cpu'],
                       capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert r.returncode == 1 and 'Traceback' not in r.stderr and not r.stderr, r.stderr
    report = json.loads(r.stdout)
    from clip_lit.files import shown
    names = {shown(folder/n): n for n in [*fine, *more, *broken, *odd]}
    reasons = {names[f['photo']]: f['reason'] for f in report['failed']}
    assert set(reasons) == set(broken) | odd, (set(reasons) ^ (set(broken) | odd), {n: reasons.get(n) for n in set(reasons) - set(broken) - odd})
    assert all(why and '\n' not in why and 'object at' not in why and 'not a photo' != why[:0] for why in reasons.values())
    assert len(report['done']) == len(fine) + len(more) and not report['stopped'] and not report['left']
    for name, words in {'bad-bomb.png': 'megapixels', 'bad-bomb.jpg': 'megapixels', 'dangling.jpg': 'link to a file that is not there', 'pipe.jpg': 'pipe', 'sparse.jpg': 'GB', 'bad-zero-jpg.jpg': 'is empty', 'bad-letter-png.png': 'not a photo',
                        'bad-nan.tif': 'not those of a photo', 'loop.jpg': 'symbolic links'}.items(): assert words in reasons[name], (name, reasons[name])
    warned = {names[w['photo']]: w['warning'] for w in report['warned']}
    assert {'whole-pages.tif', 'whole-moving.webp', 'whole-moving.png', 'whole-moving-gif.png', 'inside-png.jpg', 'float-rgb.tif'} <= set(warned) and 'pages' in warned['whole-pages.tif']

    results = [p for p in out.rglob('*') if not p.is_dir()]
    assert len(results) == len(fine) + len(more) and not [p for p in tmp_path.rglob('*.tmp')]
    from clip_lit.photos import open_photo
    for p in results: open_photo(p)
    assert {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in before} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ['corpus', 'out']  # no name was run
