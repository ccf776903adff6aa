"""Whole photos in every format, mode and depth, small: what the tests of reading and the fuzzer start from."""
import io

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
        'pages.tif': _pil(rgb, 'TIFF', save_all=True, append_images=[grey]), 'rgba.tif': _tif(scene(channels=4), photometric='rgb', extrasamples=['unassalpha']),
        'lossy.webp': _pil(rgb, 'WEBP', **rich), 'lossless.webp': _pil(rgba, 'WEBP', lossless=True), 'moving.webp': _pil(rgb, 'WEBP', save_all=True, append_images=[rgb.rotate(180)]),
        'moving.png': _pil(rgb, 'PNG', save_all=True, append_images=[rgb.rotate(180)]), 'moving.gif': _pil(rgb.quantize(16), 'GIF', save_all=True, append_images=[rgb.rotate(180).quantize(16)]),
    }
    if features.check('avif'): out |= {'rgb.avif': _pil(rgb, 'AVIF', exif=exif), 'rgba.avif': _pil(rgba, 'AVIF')}
    return out
