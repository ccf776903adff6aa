"""The site: builds without a warning, holds every page and picture it links to, asks nothing of the network, and works in a real browser. Minutes: `python -m pytest -m slow tests/test_docs.py`."""
import functools, http.server, os, re, shutil, subprocess, sys, threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parent.parent
CHROMIUM = next((p for n in ('chromium', 'chromium-browser', 'google-chrome') if (p := shutil.which(n))), None)
pytestmark = pytest.mark.slow

@pytest.fixture(scope='module')
def site(tmp_path_factory):
    "The folder of a fresh build; CLIP_LIT_SITE names one that is already there"
    if built := os.environ.get('CLIP_LIT_SITE'): return Path(built).resolve()
    pytest.importorskip('myst_nb', reason='the site is built with the extra clip_lit[docs]')
    out = tmp_path_factory.mktemp('site')/'html'
    r = subprocess.run([sys.executable, '-m', 'sphinx', '-q', '-W', '--keep-going', '-d', str(out.parent/'doctrees'), '-c', 'docs', '.', str(out)], cwd=ROOT, capture_output=True, text=True)
    assert r.returncode == 0, r.stderr[-4000:]
    return out

class Page(HTMLParser):
    "What a page links to, what it loads, and where it can be jumped to"
    def __init__(self, path):
        super().__init__()
        self.links, self.loads, self.ids, self.text = [], [], set(), path.read_text(encoding='utf-8')
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if 'id' in a: self.ids.add(a['id'])
        if tag == 'a' and a.get('href'): self.links.append(a['href'])
        if tag in ('img', 'script', 'iframe', 'video', 'source') and a.get('src'): self.loads.append(a['src'])
        if tag == 'link' and a.get('href') and a.get('rel') not in ('canonical', 'index', 'search', 'next', 'prev', 'author', 'copyright'): self.loads.append(a['href'])

@pytest.fixture(scope='module')
def pages(site): return {p: Page(p) for p in site.rglob('*.html')}

def test_links_and_pictures(site, pages):
    broken = []
    for path, page in pages.items():
        for url in page.links + page.loads:
            u = urlsplit(url)
            if u.scheme or u.netloc: continue
            target = (path.parent/unquote(u.path)).resolve() if u.path else path
            if target.is_dir(): target /= 'index.html'
            if not target.is_file(): broken.append(f'{path.relative_to(site)}: {url}')
            elif u.fragment and target in pages and unquote(u.fragment) not in pages[target].ids: broken.append(f'{path.relative_to(site)}: {url} (no such place)')
    assert not broken, '\n'.join(broken[:40])

def test_nothing_comes_from_elsewhere(site, pages):
    away = [f'{p.relative_to(site)}: {u}' for p, page in pages.items() for u in page.loads if urlsplit(u).netloc]
    for css in site.rglob('*.css'): away += [f'{css.name}: {u}' for u in re.findall(r'(?:url\(|@import )[\'"]?((?:https?:)?//[^\'")]+)', css.read_text(encoding='utf-8'))]
    assert not away, away

def test_what_must_be_there(site, pages):
    for page in ('index', 'search', 'docs/index', 'docs/method', 'docs/results', 'docs/cite', 'docs/data_and_weights', 'docs/made/decisions', 'docs/made/commands', 'CHANGELOG', 'CONTRIBUTING', 'nbs/13_parity', 'nbs/tutorials/0_start_here'):
        assert (site/f'{page}.html').is_file(), page
    from clip_lit import __file__ as package
    rooms = [p.stem for p in Path(package).parent.glob('*.py') if not p.stem.startswith('_')]
    for room in rooms: assert (site/'docs'/'made'/'api'/f'{room}.html').is_file(), room
    enhance = pages[site/'docs'/'made'/'api'/'enhance.html']
    assert 'clip_lit.enhance.Enhancer.many' in enhance.ids and '0 = photo untouched' in enhance.text, 'docments'
    assert any('_modules/clip_lit/enhance.html' in u for u in enhance.links), 'source'
    assert pages[site/'docs'/'method.html'].text.count('<math') > 20
    for n in ROOT.glob('nbs/tutorials/*.ipynb'): assert (site/'nbs'/'tutorials'/f'{n.stem}.html').is_file()

@pytest.fixture(scope='module')
def browser(tmp_path_factory):
    webdriver = pytest.importorskip('selenium.webdriver', reason='selenium drives the browser')
    if not (CHROMIUM and shutil.which('chromedriver')): pytest.skip('there is no Chromium with its driver here: apt-get install chromium chromium-driver')
    o = webdriver.ChromeOptions()
    o.binary_location = CHROMIUM
    for a in ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', f'--user-data-dir={tmp_path_factory.mktemp("profile")}'): o.add_argument(a)
    o.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    d = webdriver.Chrome(options=o, service=webdriver.ChromeService(shutil.which('chromedriver')))
    d.set_page_load_timeout(60)
    yield d
    d.quit()

def look(browser, url, width, height=900):
    "Open a page as wide as asked; what is wrong with it"
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', dict(width=width, height=height, deviceScaleFactor=1, mobile=width < 600))
    browser.get(url)
    wrong = [e['message'] for e in browser.get_log('browser') if e['level'] == 'SEVERE']
    state = browser.execute_async_script('''const done = arguments[0];
        document.querySelectorAll('img').forEach(i => i.loading = 'eager');
        Promise.all([...document.images].map(i => i.complete ? 0 : new Promise(r => i.onload = i.onerror = r))).then(() => done({
            broken: [...document.images].filter(i => !i.naturalWidth).map(i => i.src.slice(0, 120)), wide: document.documentElement.scrollWidth}))''')
    return wrong + [f'picture missing: {s}' for s in state['broken']] + ([f'{state["wide"]} pixels wide on a screen of {width}'] if state['wide'] > width else [])

def test_every_page_in_a_browser(site, pages, browser):
    "From the file system, at the width of a desk and of a phone: no error, no missing picture, nothing wider than the screen"
    wrong = []
    for path in sorted(pages):
        if path == site/'index.html' or '_modules' in path.parts and path.stem not in ('enhance', 'index'): continue
        for width in (1280, 390): wrong += [f'{path.relative_to(site)} at {width}: {w}' for w in look(browser, path.as_uri(), width)]
    assert not wrong, '\n'.join(wrong)

def found(browser, url, word, page):
    "Does searching for a word lead to a page? Results come in one after the other"
    from selenium.common.exceptions import TimeoutException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait
    browser.get(f'{url}/search.html?q={word}')
    try: WebDriverWait(browser, 30).until(lambda b: b.find_elements(By.CSS_SELECTOR, f'#search-results li a[href*="{page}"]'))
    except TimeoutException: return False
    return True

def test_search(site, browser):
    "From the file system, and from a web server"
    handler = functools.partial(type('Quiet', (http.server.SimpleHTTPRequestHandler,), dict(log_message=lambda *a: None)), directory=str(site))
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for url in (site.as_uri(), f'http://127.0.0.1:{server.server_port}'):
            assert found(browser, url, 'illumination_maps', 'api/tiles.html') and found(browser, url, 'illumination', 'method.html')
            assert not look(browser, f'{url}/index.html', 1280)
    finally: server.shutdown(); server.server_close()

def test_slider(site, browser):
    "The before/after slider of the first tutorial moves: at 20 of 100 the picture before is cut off 80 % from the right"
    look(browser, (site/'nbs'/'tutorials'/'1_mend_your_photo.html').as_uri(), 1280)
    moved = browser.execute_script('''const i = document.querySelector('input[type=range]'); i.value = 20; i.dispatchEvent(new Event('input'));
        return getComputedStyle(i.parentNode.querySelector('img[alt=before]')).clipPath''')
    assert '80%' in moved, moved
