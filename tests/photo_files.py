"""Whole photos in every format, mode and depth, small: what the tests of reading and the fuzzer start from."""
import io, struct, zlib
from importlib.util import find_spec

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

def dng(h=64, w=96, orientation=6):
    "A small camera RAW: a Bayer mosaic of a scene, as DNG"
    a = scene(h, w, depth=16)
    cfa = np.where(np.indices((h, w)).sum(0) % 2, a[..., 1], np.where(np.indices((h, w))[0] % 2, a[..., 2], a[..., 0]))
    r = lambda *x: tuple(v for f in x for v in (int(round(f*10000)), 10000))
    tags = [(274, 'H', 1, orientation), (271, 's', 0, 'A camera'), (272, 's', 0, 'Model 1'), (33421, 'H', 2, (2, 2)), (33422, 'B', 4, bytes([0, 1, 1, 2])), (50706, 'B', 4, bytes([1, 4, 0, 0])), (50707, 'B', 4, bytes([1, 1, 0, 0])),
            (50708, 's', 0, 'A camera Model 1'), (50721, '2i', 9, r(1,0,0,0,1,0,0,0,1)), (50728, '2I', 3, r(1,1,1)), (50778, 'H', 1, 21), (50714, 'H', 1, 0), (50717, 'H', 1, 65535)]
    f = io.BytesIO(); tifffile.imwrite(f, cfa.astype(np.uint16), photometric=32803, extratags=[t + (True,) for t in tags], software='x')
    return f.getvalue()

def png(*chunks):
    "A PNG of these chunks, whatever they say"
    return b'\x89PNG\r\n\x1a\n' + b''.join(struct.pack('>I', len(b)) + n + b + struct.pack('>I', zlib.crc32(n + b)) for n, b in chunks)

def png_header(w, h, bits=8, kind=2, interlaced=0): return b'IHDR', struct.pack('>IIBBBBB', w, h, bits, kind, 0, 0, interlaced)

def interlaced(a):
    "A PNG whose rows come in seven passes (Adam7)"
    passes = (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)
    rows = [b'\0' + row.astype(a.dtype.newbyteorder('>')).tobytes() for y, x, dy, dx in passes for row in a[y::dy, x::dx] if row.size]
    return png(png_header(a.shape[1], a.shape[0], 8*a.itemsize, {1: 0, 2: 4, 3: 2, 4: 6}[a.shape[2]], 1), (b'IDAT', zlib.compress(b''.join(rows))), (b'IEND', b''))

def good_photos():
    "{file name: bytes}: every one can be read"
    from clip_lit.photos import open_photo
    a = scene()
    rgb = Image.fromarray(a)
    grey, rgba, la = rgb.convert('L'), Image.fromarray(scene(channels=4)), Image.fromarray(scene(channels=2))
    exif = Image.Exif(); exif[0x112], exif[0x10f] = 6, 'A camera'; exif.get_ifd(0x8769)[0x9003] = '2024:05:06 07:08:09'
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
    rich = dict(exif=exif, icc_profile=icc)
    def ours(a, suffix): return bytes(open_photo(a).encode(suffix))
    out = {
        'baseline.jpg': _pil(rgb, 'JPEG', quality=90, xmp=xmp, **rich), 'progressive.jpg': _pil(rgb, 'JPEG', progressive=True), 'grey.jpg': _pil(grey, 'JPEG'),
        'cmyk.jpg': _pil(rgb.convert('CMYK'), 'JPEG'),
        'rgb.png': _pil(rgb, 'PNG', **rich), 'rgba.png': _pil(rgba, 'PNG'), 'palette.png': _pil(rgb.quantize(16), 'PNG', transparency=3), 'la.png': _pil(la, 'PNG'), 'onebit.png': _pil(grey.convert('1'), 'PNG'),
        'rgb16.png': ours(scene(depth=16), '.png'), 'rgba16.png': ours(scene(depth=16, channels=4), '.png'), 'grey16.png': ours(scene(depth=16, channels=1), '.png'), 'la16.png': ours(scene(depth=16, channels=2), '.png'),
        'interlaced.png': interlaced(a), 'interlaced16.png': interlaced(scene(depth=16, channels=4)),
        'rgb.tif': _pil(rgb, 'TIFF', **rich), 'lzw.tif': _pil(rgb, 'TIFF', compression='tiff_lzw'), 'jpeg.tif': _pil(rgb, 'TIFF', compression='jpeg'), 'cmyk.tif': _pil(rgb.convert('CMYK'), 'TIFF'),
        'rgb16.tif': _tif(scene(depth=16), photometric='rgb'), 'tiled16.tif': _tif(scene(depth=16), photometric='rgb', tile=(16, 16), compression='zlib', predictor=2),
        'planes16.tif': _tif(scene(depth=16).transpose(2, 0, 1), photometric='rgb', planarconfig='separate'), 'grey16.tif': _tif(scene(depth=16, channels=1)[..., 0]),
        'big16.tif': _tif(scene(depth=16), photometric='rgb', byteorder='>'), 'float.tif': _tif((a[..., 0]/255).astype(np.float32)),
        'pages.tif': _pil(rgb.copy(), 'TIFF', save_all=True, append_images=[grey.copy()]), 'rgba.tif': _tif(scene(channels=4), photometric='rgb', extrasamples=['unassalpha']),
        'lossy.webp': _pil(rgb, 'WEBP', **rich), 'lossless.webp': _pil(rgba, 'WEBP', lossless=True), 'moving.webp': _pil(rgb, 'WEBP', save_all=True, append_images=[rgb.rotate(180)]),
        'moving.png': _pil(rgb, 'PNG', save_all=True, append_images=[rgb.rotate(180)]), 'moving.gif': _pil(rgb.quantize(16), 'GIF', save_all=True, append_images=[rgb.rotate(180).quantize(16)]),
    }
    if find_spec('pillow_heif'): out['rgb.heic'], out['la.heic'] = ours(a, '.heic'), ours(scene(channels=2), '.heic')
    if find_spec('rawpy'): out['bayer.dng'] = dng()
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
