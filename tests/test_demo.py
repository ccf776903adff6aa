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
def network(tmp_path_factory):
    "A file of the right kind that leaves photos as they are: drawn, not trained"
    from clip_lit.network import new_network, save_network
    return save_network(new_network(seed=0), tmp_path_factory.mktemp('network')/'drawn.safetensors', name='drawn')

@pytest.fixture(scope='module')
def demo(network):
    "The address of a running demo"
    with socket.socket() as s: s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]
    env = os.environ | dict(PYTHONUNBUFFERED='1', no_proxy='127.0.0.1')
    p = subprocess.Popen([sys.executable, '-c', 'from clip_lit.cli import main; main()', 'demo', '--no-browser', '--port', str(port), '--device', 'cpu', '--network', str(network), '--max-megabytes', '2'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
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

def photo(path, size=(320, 240)):
    "A bright sky over dark ground where a window is lit, with EXIF data"
    rng = np.random.default_rng(0)
    a = np.where(np.arange(size[1])[:, None, None] < size[1]//2, (200, 215, 235), (38, 32, 28))*np.ones((size[1], size[0], 3)) + rng.normal(0, 6, (size[1], size[0], 3))
    a[176:208, 144:176] = 190, 180, 150
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
        assert 'before' in find('#score').text and '320 × 240' in find('#score').text
        images = driver.find_elements(By.CSS_SELECTOR, '#slider img')
        assert len(images) >= 2 and all(int(i.get_attribute('naturalWidth')) == 320 for i in images[:2])

        handle = find('#slider [class*=handle], #slider .inner, #slider [role=slider]')
        before = handle.rect['x']
        ActionChains(driver).drag_and_drop_by_offset(handle, 120, 0).perform()
        assert handle.rect['x'] > before + 60
        shot('slid')

        def fetched():
            for p in down.iterdir(): p.unlink()
            find('#download').click()
            wait.until(lambda _: [p for p in down.iterdir() if p.suffix == '.jpg'])
            return Image.open(next(down.glob('*.jpg')))
        def pixels(im): return np.asarray(im.convert('RGB'), float)
        def pictures(): return [i.get_attribute('src') for i in driver.find_elements(By.CSS_SELECTOR, '#slider img')]
        def after(act, *args):
            "The pixels to download once something was done and the page shows what it led to"
            shown = pictures()
            act(*args)
            wait.until(lambda _: pictures() != shown and ready(0)); settled()
            return pixels(fetched())
        def choose(network):
            find('#network input').click()
            wait.until(lambda _: driver.find_elements(By.CSS_SELECTOR, f'[role=option][aria-label="{network}"]'))[0].click()
        def set_number(slider, value):
            box = find(f'#{slider} input[type=number]')
            box.send_keys(Keys.CONTROL, 'a'); box.send_keys(str(value), Keys.TAB)
        before, ground, window, beside = pixels(Image.open(src)), np.s_[128:], np.s_[176:208, 144:176], np.s_[128:, :128] # whole blocks of JPEG, each
        settled()
        assert abs(pixels(fetched()) - before).mean() < 1, 'the drawn network'
        mended = after(choose, 'the one that ships with clip_lit'); shot('shipped')
        full = Image.open(next(down.glob('*.jpg')))
        assert full.size == (320, 240) and full.getexif()[0x10f] == 'A camera' and mended[ground].mean() > before[ground].mean() + 2
        driver.find_element(By.XPATH, "//button[contains(., 'Illumination map')]").click()
        light = wait.until(lambda _: [i for i in driver.find_elements(By.CSS_SELECTOR, '#map img') if int(i.get_attribute('naturalWidth'))])[0]
        shot('map')
        colours = pixels(Image.open(io.BytesIO(get(light.get_attribute('src'))[1])))
        assert int(light.get_attribute('naturalWidth')) == 320 and colours.shape == before.shape and colours[:112].mean() > colours[ground].mean() + 50, 'light is added to the ground'
        protected = after(set_number, 'protect', 1)
        assert abs(protected - before)[window].mean() < abs(mended - before)[window].mean() - 5 and abs(protected - mended)[beside].max() <= 1
        exact = after(find('#exact input').click)
        assert 0 < abs(exact - protected).mean() < 5, 'fast is close to exact, not the same'
        assert abs(after(set_number, 'strength', 0) - before).mean() < 1; shot('strength0')

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
