"""Networks to share, against a small server that speaks as much of the hub's language as is needed: push, then fetch by name."""
import base64, hashlib, json, os, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

class Hub(BaseHTTPRequestHandler):
    files, asked = {}, []
    protocol_version = 'HTTP/1.1'

    def log_message(self, *a): pass

    def answer(self, status, body=b'', **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for k, v in (dict(Content_Type='application/json', Content_Length=len(body)) | headers).items(): self.send_header(k.replace('_', '-'), str(v))
        self.end_headers()
        if self.command != 'HEAD': self.wfile.write(body)

    def do_HEAD(self):
        path = self.path.partition('?')[0]
        self.asked.append(path)
        file = self.files.get(path.rpartition('/')[2]) if path.startswith('/me/light/resolve/') else None
        if file is None: return self.answer(404, X_Error_Code='RepoNotFound' if 'me/light' not in path else 'EntryNotFound')
        self.answer(200, file, ETag=f'"{hashlib.sha1(file).hexdigest()}"', X_Repo_Commit='a'*40, Content_Type='application/octet-stream')
    do_GET = do_HEAD

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        if self.path == '/api/repos/create': return self.answer(200, dict(url=f'http://{self.headers["Host"]}/me/light', id='me/light', name='me/light'))
        if '/preupload/' in self.path: return self.answer(200, dict(files=[dict(path=f['path'], uploadMode='regular', shouldIgnore=False) for f in json.loads(body)['files']]))
        if '/commit/' in self.path:
            for line in map(json.loads, body.decode().splitlines()):
                if line['key'] == 'file': self.files[line['value']['path']] = base64.b64decode(line['value']['content'])
            return self.answer(200, dict(success=True, commitOid='a'*40, commitUrl=f'http://{self.headers["Host"]}/me/light/commit/{"a"*40}', hookOutput=''))
        if self.path.startswith('/api/validate-yaml'): return self.answer(200, dict(errors=[], warnings=[]))
        self.answer(404)

@pytest.fixture
def hub(tmp_path):
    Hub.files, Hub.asked = {}, []
    server = ThreadingHTTPServer(('127.0.0.1', 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    def run(code, **env):
        env = {k: v for k, v in os.environ.items() if not k.startswith('HF_')} | dict(HF_ENDPOINT=f'http://127.0.0.1:{server.server_port}', HF_HOME=str(tmp_path/'hf'), HF_TOKEN='hf_nobody', HF_HUB_DISABLE_TELEMETRY='1', HF_HUB_DISABLE_XET='1', HF_HUB_DISABLE_PROGRESS_BARS='1', no_proxy='*') | env
        return subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=120, env=env)
    yield run
    server.shutdown()

PUSH = "from clip_lit.enhance import Enhancer; print(Enhancer.from_pretrained(device='cpu').push_to_hub('me/light'))"
FETCH = '''
import numpy as np
from clip_lit.enhance import Enhancer
x = np.random.default_rng(0).random((20, 30, 3), np.float32)
assert np.array_equal(Enhancer.from_pretrained('me/light', 'cpu')(x).pixels, Enhancer.from_pretrained(device='cpu')(x).pixels)
'''

def test_push_and_fetch(hub):
    r = hub(PUSH)
    assert r.returncode == 0 and '/me/light/commit/' in r.stdout, r.stderr
    assert set(Hub.files) == {'model.safetensors', 'config.json', 'README.md'} and b"from_pretrained('me/light')" in Hub.files['README.md']
    shipped = Path(__file__).parents[1]/'clip_lit'/'weights'/'default_network.safetensors'
    assert len(Hub.files['model.safetensors']) > .9*shipped.stat().st_size
    r = hub(FETCH)
    assert r.returncode == 0 and all('me/light/resolve' in p for p in Hub.asked), (r.stderr, Hub.asked)
    r = hub(FETCH, HF_HUB_OFFLINE='1')  # fetched once
    assert r.returncode == 0, r.stderr

def test_command_line(hub, tmp_path):
    "Every command that takes --network takes a name of the hub"
    assert hub(PUSH).returncode == 0
    r = hub(f"from clip_lit.cli import main; main(['export', {str(tmp_path/'light.onnx')!r}, '--network', 'me/light'])")
    assert r.returncode == 0 and (tmp_path/'light.onnx').stat().st_size > 1e6, r.stderr
    r = hub(f"from clip_lit.cli import main; main(['export', {str(tmp_path/'dark.onnx')!r}, '--network', 'me/dark'])")
    assert r.returncode == 1 and r.stderr.count('\n') == 1 and 'no such network' in r.stderr, r.stderr

def test_one_sentence(hub):
    code = 'from clip_lit.enhance import Enhancer\nfrom clip_lit.hub import HubError\ntry: Enhancer.from_pretrained({!r}, "cpu")\nexcept HubError as e: print(e)'
    for name, word in (('me/dark', 'no such network'), ('me/light', 'no model.safetensors')):
        r = hub(code.format(name))
        assert r.returncode == 0 and r.stdout.count('\n') == 1 and name in r.stdout and word in r.stdout, (r.stdout, r.stderr)
    r = hub(code.format('me/light'), HF_ENDPOINT='http://127.0.0.1:9')
    assert r.stdout.count('\n') == 1 and 'cannot be fetched' in r.stdout, (r.stdout, r.stderr)
    r = hub(PUSH, HF_ENDPOINT='http://127.0.0.1:9')
    assert 'HubError: me/light: cannot be put on the hub' in r.stderr, r.stderr

CLIP = '''
import json, open_clip, torch
from importlib.resources import files
from pathlib import Path
from open_clip import pretrained
from clip_lit.clip import load_clip
folder = files('clip_lit')/'priors'/'vit'
Path('small-vit.json').write_text(json.dumps(json.loads((folder/'open_clip_config.json').read_text())['model_cfg']))
open_clip.add_model_config('small-vit.json')
pretrained._PRETRAINED['small-vit'] = dict(light=pretrained._pcfg(hf_hub='me/light/')) # as its table has OpenAI's
mine, ours = load_clip('small-vit:light'), load_clip('sample-vit')
assert all(torch.equal(a, b) for a, b in zip(mine.model.state_dict().values(), ours.model.state_dict().values()))
'''

def test_clip_by_tag(hub, tmp_path, monkeypatch):
    "The weights of a CLIP that open_clip knows by tag come from the mirror that HF_ENDPOINT names"
    monkeypatch.chdir(tmp_path)
    r = hub(CLIP)
    assert r.returncode == 1 and 'ClipError: small-vit:light: could not be loaded' in r.stderr and 'HF_ENDPOINT' in r.stderr, r.stderr
    Hub.files['open_clip_model.safetensors'] = (Path(__file__).parents[1]/'clip_lit'/'priors'/'vit'/'open_clip_model.safetensors').read_bytes()
    r = hub(CLIP)
    assert r.returncode == 0 and '/me/light/resolve/main/open_clip_model.safetensors' in Hub.asked, (r.stderr, Hub.asked)
