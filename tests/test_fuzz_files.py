"Damaged checkpoints and parameters files, the short form of `python tests/fuzz.py checkpoints params`."
import sys
from pathlib import Path
import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.mark.parametrize('target, n', [('checkpoints', 150), ('params', 400)])
def test_damaged_files_are_refused_in_one_sentence(target, n):
    from fuzz import fuzz
    found, refused = fuzz(target, n, seed=1)
    assert not found, '\n'.join(found)
    assert refused > n//3, 'the damage must be met'
