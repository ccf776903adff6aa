"""`clip-lit demo` in a real browser: upload, slide, download; nothing but the upload can be read, nothing is asked of other machines."""
import importlib.util, io, json, os, shutil, signal, socket, subprocess, sys, time, urllib.error, urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

for name in ('gradio', 'selenium'):
    if not importlib.util.find_spec(name): pytest.skip(f'{name} is not installed', allow_module_level=True)
CHROME, DRIVER = (shutil.which(n) for n in ('chromium', 'chromedriver'))

@pytest.fixture(scope='module')
def demo():
    "The address of a running demo"
    with socket.socket() as s: s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]
    env = os.environ | dict(PYTHONUNBUFFERED='1', no_proxy='127.0.0.1')
    p = subprocess.Popen([sys.executable, '-c', 'from clip_lit.cli import main; main()', 'demo', '--no-browser', '--port', str(port), '--device', 'cpu', '--max-megabytes', '2'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    said = p.stdout.readline()
    assert '127.0.0.1' in said and str(port) in said, said + p.stderr.read()
    yield f'http://127.0.0.1:{port}'
    p.send_signal(signal.SIGINT)
    try: p.wait(30)
    except subprocess.TimeoutExpired: p.kill(); raise

def get(url, **kw):
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(urllib.request.Request(url, **kw), timeout=30) as r: return r.status, r.read()
    except urllib.error.HTTPError as e: return e.code, e.read()

def photo(path, size=(480, 360)):
    "A bright sky over dark ground, with EXIF data"
    rng = np.random.default_rng(0)
    a = np.where(np.arange(size[1])[:, None, None] < size[1]//2, (200, 215, 235), (38, 32, 28))*np.ones((size[1], size[0], 3)) + rng.normal(0, 6, (size[1], size[0], 3))
    exif = Image.Exif(); exif[0x10f] = 'A camera'
    Image.fromarray(a.clip(0, 255).astype(np.uint8)).save(path, exif=exif, quality=95)
    return path

def test_only_uploads_can_be_read(demo, tmp_path):
    secret = tmp_path/'secret.txt'; secret.write_text('a secret')
    readme = Path(__file__).parents[1]/'README.md'
    for p in (secret, readme, '/etc/passwd', 'README.md', '../../../../etc/passwd', '%2e%2e/%2e%2e/etc/passwd', '%2Fetc%2Fpasswd', f'file://{secret}', f'{tmp_path}/x/../secret.txt'):
        for route in ('/gradio_api/file=', '/file=', '/gradio_api/file/', '/static/', '/assets/'):
            status, body = get(f'{demo}{route}{p}')
            assert status >= 400 and b'a secret' not in body and b'root:' not in body, (route, p, status)
    config = json.loads(get(f'{demo}/config')[1])  # nor by way of the mending: a path that was not uploaded
    fn = next(d['id'] for d in config['dependencies'] if len(d['inputs']) == 5)
    for p in (secret, readme, photo(tmp_path/'elsewhere.jpg')):
        data = dict(data=[dict(path=str(p), meta={'_type': 'gradio.FileData'}), 1, 0, config['components'] and 'the one that ships with clip_lit', False], fn_index=fn, session_hash='trick')
        status, body = get(f'{demo}/gradio_api/queue/join?', data=json.dumps(data).encode(), headers={'Content-Type': 'application/json'})
        if status == 200: status, body = get(f'{demo}/gradio_api/queue/data?session_hash=trick'); assert b'"success":false' in body.replace(b' ', b'') and b'secret.txt"' not in body, body
        assert b'a secret' not in body

def test_upload_limit(demo):
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="big.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' + os.urandom(3_000_000) + b'\r\n--x--\r\n'
    status, _ = get(f'{demo}/gradio_api/upload', data=body, headers={'Content-Type': 'multipart/form-data; boundary=x'})
    assert status == 413

def test_only_this_machine(demo):
    port = int(demo.rpartition(':')[2])
    others = {a[4][0] for a in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {'127.0.0.1'}
    for address in others:
        if address.startswith('127.'): continue
        with pytest.raises(OSError): socket.create_connection((address, port), 3).close()

@pytest.mark.skipif(not (CHROME and DRIVER), reason='chromium and chromedriver are not installed')
def test_browser(demo, tmp_path):
    from selenium import webdriver
    from selenium.webdriver import ActionChains
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
    down = tmp_path/'down'; down.mkdir()
    options = webdriver.ChromeOptions(); options.binary_location = CHROME
    for flag in ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-proxy-server', '--window-size=1280,900', f'--user-data-dir={tmp_path}/profile'): options.add_argument(flag)
    options.add_experimental_option('prefs', {'download.default_directory': str(down)})
    options.set_capability('goog:loggingPrefs', {'performance': 'ALL', 'browser': 'ALL'})
    driver = webdriver.Chrome(options, Service(DRIVER))
    try:
        wait = WebDriverWait(driver, 90)
        def find(css): return driver.find_element(By.CSS_SELECTOR, css)
        def ready(_): return 'Download' in find('#download').text and find('#download').get_attribute('disabled') is None and find('#score').text
        def settled():
            "Ready, and still so a while later: each event of a slider mends once more, and a click on a button that is being replaced is lost"
            since = None
            def still(_):
                nonlocal since
                since = (since or time.monotonic()) if ready(0) else None
                return since and time.monotonic() - since > 2
            wait.until(still)
        def shot(name): os.environ.get('SHOTS') and driver.save_screenshot(f"{os.environ['SHOTS']}/{name}.png")
        driver.get(demo)
        wait.until(lambda _: driver.find_elements(By.CSS_SELECTOR, '#photo input[type=file]')); shot('empty')
        src = photo(tmp_path/'evening.jpg')
        find('#photo input[type=file]').send_keys(str(src))
        wait.until(ready); shot('mended')
        assert 'before' in find('#score').text and '480 × 360' in find('#score').text
        images = driver.find_elements(By.CSS_SELECTOR, '#slider img')
        assert len(images) >= 2 and all(int(i.get_attribute('naturalWidth')) == 480 for i in images[:2])

        handle = find('#slider [class*=handle], #slider .inner, #slider [role=slider]')
        before = handle.rect['x']
        ActionChains(driver).drag_and_drop_by_offset(handle, 120, 0).perform()
        assert handle.rect['x'] > before + 60
        shot('slid')

        def fetched(n):
            find('#download').click()
            wait.until(lambda _: len(done := [p for p in down.iterdir() if p.suffix == '.jpg']) == n and done)
            return Image.open(max(down.glob('*.jpg'), key=lambda p: p.stat().st_mtime))
        luma = lambda im: np.asarray(im.convert('L'), float)[240:].mean()
        full = fetched(1)
        assert full.size == (480, 360) and full.getexif()[0x10f] == 'A camera' and luma(full) > luma(Image.open(src)) + 2
        said = find('#score').text
        box = find('#strength input[type=number]')
        box.send_keys(Keys.CONTROL, 'a'); box.send_keys('0', Keys.TAB)
        knob = find('#strength input[type=range]'); knob.send_keys(Keys.HOME)
        ActionChains(driver).click(knob).send_keys(Keys.HOME).perform()
        driver.execute_script("arguments[0].value = 0; for (const e of ['input', 'change', 'pointerup', 'mouseup']) arguments[0].dispatchEvent(new Event(e, {bubbles: true}))", knob)
        wait.until(lambda _: find('#score').text != said and ready(0)); settled(); shot('strength0')
        for p in down.glob('*.jpg'): p.unlink()
        same = fetched(1)
        assert abs(luma(same) - luma(Image.open(src))) < 1

        torn = tmp_path/'torn.jpg'; torn.write_bytes(src.read_bytes()[:2000])
        driver.get(demo); wait.until(lambda _: driver.find_elements(By.CSS_SELECTOR, '#photo input[type=file]'))
        find('#photo input[type=file]').send_keys(str(torn))
        wait.until(lambda _: 'torn.jpg' in ' '.join(t.text for t in driver.find_elements(By.CSS_SELECTOR, '[class*=toast]'))); shot('torn')
        asked = {m['params']['request']['url'] for m in (json.loads(e['message'])['message'] for e in driver.get_log('performance')) if m['method'] == 'Network.requestWillBeSent'}
        assert not (strangers := {u for u in asked if not u.startswith((demo, 'data:', 'blob:', 'about:', 'chrome'))}), strangers
        driver.set_window_size(420, 900); driver.get(demo); time.sleep(2); shot('phone')
        assert driver.execute_script('return document.documentElement.scrollWidth <= window.innerWidth + 1')
    except Exception as e: e.add_note('The page said: ' + driver.find_element(By.TAG_NAME, 'body').text); raise
    finally: driver.quit()
