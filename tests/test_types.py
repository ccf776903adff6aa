"""Type hints: shipped with the package, checked by mypy at the level that `pyproject.toml` sets."""
import subprocess, sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

def test_mypy():
    pytest.importorskip('mypy')
    r = subprocess.run([sys.executable, '-m', 'mypy', '--no-error-summary', '--cache-dir', '/dev/null' if sys.platform != 'win32' else 'nul'], cwd=ROOT, capture_output=True, text=True)
    assert r.returncode == 0, r.stdout + r.stderr

def test_mypy_would_notice(tmp_path):
    pytest.importorskip('mypy')
    (tmp_path/'wrong.py').write_text('def half(x: float) -> float: return x/2\nhalf("a")\n')
    r = subprocess.run([sys.executable, '-m', 'mypy', '--config-file', ROOT/'pyproject.toml', 'wrong.py', '--cache-dir', str(tmp_path/'cache')], cwd=tmp_path, capture_output=True, text=True)
    assert r.returncode == 1 and 'arg-type' in r.stdout, r.stdout + r.stderr

def test_hints_ship():
    import clip_lit
    assert (Path(clip_lit.__file__).parent/'py.typed').exists()
