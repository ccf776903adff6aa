"""Whole photos in every format, mode and depth, small: what the tests of reading and the fuzzer start from."""
import io, struct

import numpy as np
import tifffile
from PIL import Image, ImageCms, features

def scene(h=24, w=32, channels=3, depth=8, seed=0):
    "A bright sky over dark ground, with some noise: uint8 or uint16 (h,w,channels)"
    rng = np.random.default_rng(seed)
    a = np.where(np.arange(h)[:, None, None] < h/2, .9, .15) + rng.uniform(-.08, .08, (h, w, channels))
    if channels in (2, 4): a[..., -1] = np.linspace(1, 0, w)
    return np.rint(a*(2**depth - 1)).astype(f'uint{depth}')

def _pil(im, kind, **kw): f = io.BytesIO(); im.save(f, kind, **kw); return f.getvalue()
def _tif(a, **kw): f = io.BytesIO(); tifffile.imwrite(f, a, **kw); return f.getvalue()

def good_photos():
    "{file name: bytes}: every one can be read"
    from clip_lit.photos import WRITERS, open_photo
    a = scene()
    rgb = Image.fromarray(a)
    grey, rgba, la = rgb.convert('L'), Image.fromarray(scene(channels=4)), Image.fromarray(scene(channels=2))
    exif = Image.Exif(); exif[0x112], exif[0x10f] = 6, 'A camera'; exif.get_ifd(0x8769)[0x9003] = '2024:05:06 07:08:09'
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
    rich = dict(exif=exif, icc_profile=icc)
    def ours(a, suffix): f = io.BytesIO(); WRITERS[suffix](open_photo(a), f, 95); return f.getvalue()
    out = {
        'baseline.jpg': _pil(rgb, 'JPEG', quality=90, xmp=xmp, **rich), 'progressive.jpg': _pil(rgb, 'JPEG', progressive=True), 'grey.jpg': _pil(grey, 'JPEG'),
        'cmyk.jpg': _pil(rgb.convert('CMYK'), 'JPEG'),
        'rgb.png': _pil(rgb, 'PNG', **rich), 'rgba.png': _pil(rgba, 'PNG'), 'palette.png': _pil(rgb.quantize(16), 'PNG', transparency=3), 'la.png': _pil(la, 'PNG'), 'onebit.png': _pil(grey.convert('1'), 'PNG'),
        'rgb16.png': ours(scene(depth=16), '.png'), 'rgba16.png': ours(scene(depth=16, channels=4), '.png'), 'grey16.png': ours(scene(depth=16, channels=1), '.png'), 'la16.png': ours(scene(depth=16, channels=2), '.png'),
        'rgb.tif': _pil(rgb, 'TIFF', **rich), 'lzw.tif': _pil(rgb, 'TIFF', compression='tiff_lzw'), 'jpeg.tif': _pil(rgb, 'TIFF', compression='jpeg'), 'cmyk.tif': _pil(rgb.convert('CMYK'), 'TIFF'),
        'rgb16.tif': _tif(scene(depth=16), photometric='rgb'), 'tiled16.tif': _tif(scene(depth=16), photometric='rgb', tile=(16, 16), compression='zlib', predictor=2),
        'planes16.tif': _tif(scene(depth=16).transpose(2, 0, 1), photometric='rgb', planarconfig='separate'), 'grey16.tif': _tif(scene(depth=16, channels=1)[..., 0]),
        'big16.tif': _tif(scene(depth=16), photometric='rgb', byteorder='>'), 'float.tif': _tif((a[..., 0]/255).astype(np.float32)),
        'pages.tif': _pil(rgb.copy(), 'TIFF', save_all=True, append_images=[grey.copy()]), 'rgba.tif': _tif(scene(channels=4), photometric='rgb', extrasamples=['unassalpha']),
        'lossy.webp': _pil(rgb, 'WEBP', **rich), 'lossless.webp': _pil(rgba, 'WEBP', lossless=True), 'moving.webp': _pil(rgb, 'WEBP', save_all=True, append_images=[rgb.rotate(180)]),
        'moving.png': _pil(rgb, 'PNG', save_all=True, append_images=[rgb.rotate(180)]), 'moving.gif': _pil(rgb.quantize(16), 'GIF', save_all=True, append_images=[rgb.rotate(180).quantize(16)]),
    }
    if features.check('avif'): out |= {'rgb.avif': _pil(rgb, 'AVIF', exif=exif), 'rgba.avif': _pil(rgba, 'AVIF')}
    return out

# ---- colour profiles: primaries under D50, and what encodes light

PRIMARIES = {'sRGB': ((.43607, .22249, .01392), (.38515, .71687, .09708), (.14307, .06061, .71410)), 'Display P3': ((.51512, .24120, -.00105), (.29198, .69225, .04189), (.15710, .06657, .78407)),
             'Adobe RGB': ((.60974, .31111, .01947), (.20528, .62567, .06087), (.14919, .06322, .74457)), 'ProPhoto': ((.79767, .28804, 0), (.13519, .71188, 0), (.03134, .00009, .82491))}

def profile(primaries='sRGB', gamma=None):
    "An ICC profile (version 2): of three primaries by name, or of grey (None); gamma a number, or None: sRGB's curve"
    v = np.linspace(0, 1, 1024)
    curve = b'curv' + bytes(4) + (struct.pack('>IH', 1, round(gamma*256)) if gamma else struct.pack('>I', 1024) + np.rint(np.where(v <= .04045, v/12.92, ((v + .055)/1.055)**2.4)*65535).astype('>u2').tobytes())
    xyz = lambda *t: b'XYZ ' + bytes(4) + struct.pack('>3i', *(round(x*65536) for x in t))
    name = (primaries or 'grey').encode()
    tags = {b'desc': b'desc' + bytes(4) + struct.pack('>I', len(name) + 1) + name + bytes(79), b'cprt': b'text' + bytes(4) + b'none\0', b'wtpt': xyz(.9642, 1, .8249)}
    if primaries: tags |= {k + b'XYZ': xyz(*t) for k, t in zip((b'r', b'g', b'b'), PRIMARIES[primaries])} | {k + b'TRC': curve for k in (b'r', b'g', b'b')}
    else: tags[b'kTRC'] = curve
    table, body, at = b'', b'', 128 + 4 + 12*len(tags)
    for k, t in tags.items(): t += bytes(-len(t) % 4); table += k + struct.pack('>II', at + len(body), len(t)); body += t
    head = struct.pack('>I4sI4s4s4s12x4s4xIIIIQ3i', 128 + 4 + len(table) + len(body), b'lcms', 0x02400000, b'mntr', b'RGB ' if primaries else b'GRAY', b'XYZ ', b'acsp', 0, 0, 0, 0, 0, 63190, 65536, 54061)
    return head.ljust(128, b'\0') + struct.pack('>I', len(tags)) + table + body
