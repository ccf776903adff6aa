"""Pages that are made from the code and the notebooks, never by hand: the rooms of the package with their docments, the commands, the decisions."""
import dataclasses, importlib, inspect, json, re, shutil
from pathlib import Path

MADE = 'docs/made'
LINK = re.compile(r'(?<!\[)`(?:nbs/)?((?:tutorials/)?\w+)\.ipynb`')

def linked(text, root):
    "Names of notebooks in code quotes become links to their pages"
    def link(m): return f'[{m[0]}](/nbs/{m[1]}.ipynb)' if (root/'nbs'/f'{m[1]}.ipynb').exists() else m[0]
    return LINK.sub(link, text)

def read_notebook(text):
    "A notebook as readers want it: no hidden cells, no directives to nbdev, links to other notebooks"
    import nbformat
    root, nb = Path(__file__).resolve().parent.parent, nbformat.reads(text, as_version=4)
    cells = []
    for c in nb.cells:
        if c.cell_type == 'markdown': c.source = linked(c.source, root)
        elif c.cell_type == 'code':
            lines = c.source.splitlines()
            directives = {l[2:].split()[0] for l in lines if l.startswith('#|')}
            if directives & {'hide', 'default_exp'}: continue
            c.source = '\n'.join(l for l in lines if not l.startswith('#|')).strip('\n')
            if not c.source: continue
            if 'Path(\'../results/sample/tables/summary.md\')' in c.source: c.metadata['tags'] = ['remove-input']
        cells.append(c)
    nb.cells = cells
    nb.metadata.setdefault('kernelspec', dict(name='python3', display_name='python3', language='python'))
    return nb

def cell(text): return ' '.join(str(text or '').split()).replace('|', '\\|')
def code(text): return f'`{cell(text)}`' if text not in (None, '') else ''

def type_name(t):
    "A type as it is written in the source"
    if t is inspect.Parameter.empty or t is None: return ''
    if isinstance(t, str): return t
    return t.__name__ if inspect.isclass(t) and not getattr(t, '__args__', None) else re.sub(r'\b(?:typing|torch|pathlib|PIL\.Image|numpy|np|clip_lit\.\w+)\.', '', str(t))

def default_name(d):
    if d is inspect.Parameter.empty: return ''
    text = repr(d)
    return text if len(text) < 40 and '<' not in text else '…'

def docments_table(obj, skip=('self', 'cls')):
    "Arguments with type, default and meaning, and what comes back, as a markdown table"
    from fastcore.docments import docments
    if dataclasses.is_dataclass(obj) and all('doc' in f.metadata for f in dataclasses.fields(obj)): # parameters of a run
        rows = [(f.name, type_name(f.type), repr(f.default), f.metadata['doc']) for f in dataclasses.fields(obj)]
        given = None
    else:
        try: docs = docments(obj, full=True)
        except Exception: return ''
        rows = [(name, type_name(d.anno), default_name(d.default), d.docment) for name, d in docs.items() if name not in (*skip, 'return')]
        given = docs.get('return')
    if not any(t or text for _, t, _, text in rows): rows = []  # the signature says as much
    table = [f'| {code(n)} | {code(t)} | {code(d)} | {cell(doc)} |' for n, t, d, doc in rows]
    if given is not None and (given.docment or type_name(given.anno)): table.append(f'| **returns** | {code(type_name(given.anno))} | | {cell(given.docment)} |')
    return '\n'.join(['| | type | default | meaning |', '|---|---|---|---|', *table]) + '\n' if table else ''

def signature(obj):
    "Names and short defaults; the table has the rest"
    try: ps = inspect.signature(obj).parameters.values()
    except (TypeError, ValueError): return '()'
    def shown(p):
        star = {p.VAR_POSITIONAL: '*', p.VAR_KEYWORD: '**'}.get(p.kind, '')
        d = default_name(p.default)
        return star + p.name + ('' if not d else f'={d}' if d != '…' else '=...')
    return f"({', '.join(shown(p) for p in ps if p.name not in ('self', 'cls'))})"

def doc(obj): return inspect.cleandoc(obj.__doc__ or '').replace('$', '\\$') if not isinstance(obj, (int, float, str, tuple, list, dict)) else ''

def directive(kind, name, body, depth=3, options=''):
    fence = ':'*depth
    return f'{fence}{{py:{kind}}} {name}\n{options}\n{body.strip()}\n{fence}\n'

def members(cls):
    "Public methods and properties of a class, in the order of its source"
    for name, m in vars(cls).items():
        if name.startswith('_') and name != '__call__': continue
        kind = 'property' if isinstance(m, property) else 'classmethod' if isinstance(m, classmethod) else 'staticmethod' if isinstance(m, staticmethod) else 'method'
        f = m.fget if kind == 'property' else getattr(m, '__func__', m)
        if inspect.isfunction(inspect.unwrap(f)) if callable(f) else False: yield name, kind, f

def describe(name, obj):
    "A class, a function or a constant as a directive, so that it can be linked, searched and shown with its source"
    if inspect.isclass(obj):
        known = doc(obj) if '__doc__' in vars(obj) and not (obj.__doc__ or '').startswith(f'{name}(') else ''
        init = obj if dataclasses.is_dataclass(obj) else vars(obj).get('__init__')
        body = f'{known}\n\n{docments_table(init) if init else ""}\n'
        for m, kind, f in members(obj):
            sig = '' if kind == 'property' else signature(f)
            body += '\n' + directive('property' if kind == 'property' else 'method', m + sig, f'{doc(f)}\n\n{docments_table(f) if kind != "property" else ""}', 3, ':classmethod:\n' if kind == 'classmethod' else ':staticmethod:\n' if kind == 'staticmethod' else '')
        return directive('class', name + (signature(init) if init else ''), body, 4)
    if callable(obj) and hasattr(obj, '__name__'): return directive('function', name + signature(obj), f'{doc(obj)}\n\n{docments_table(obj)}')
    value = repr(obj)
    return directive('data', name, code(value) if len(value) < 200 and ' at 0x' not in value else '', options=f':type: {type_name(type(obj))}\n')

def rooms(root):
    "Modules of the package with the notebook each is written in, in the order of the notebooks"
    found = []
    for path in (root/'clip_lit').glob('*.py'):
        text = path.read_text(encoding='utf-8')
        if m := re.search(r'File to edit: \.\./nbs/(\w+)\.ipynb', text): found.append((m[1], path.stem))
    return sorted(found)

def help_text(args):
    from typer.testing import CliRunner
    from clip_lit.cli import app
    return CliRunner().invoke(app, [*args, '--help'], prog_name='clip-lit', terminal_width=100, env=dict(COLUMNS='100', TERM='dumb')).output.strip()

def make_pages(root):
    "Write all pages that are made, anew"
    made = root/MADE
    shutil.rmtree(made, ignore_errors=True)
    (made/'api').mkdir(parents=True)
    toc = []
    for notebook, name in rooms(root):
        module = importlib.import_module(f'clip_lit.{name}')
        listed = [n for n in module.__all__ if hasattr(module, n)]
        if name == 'cli':  # the commands have a page of their own
            commands = {c.callback for c in module.app.registered_commands}
            listed = [n for n in listed if getattr(module, n) not in commands and n not in ('app', 'Network', 'Device')]
        text = f'# {name}\n\n{linked((module.__doc__ or "").strip(), root)}\n\nFrom the notebook [{notebook}](/nbs/{notebook}.ipynb).\n\n:::{{py:module}} clip_lit.{name}\n:::\n\n'
        if name == 'cli': text += 'The commands are described in [the command line](/docs/made/commands.md).\n\n'
        text += '\n'.join(linked(describe(n, getattr(module, n)), root) for n in listed)
        (made/'api'/f'{name}.md').write_text(text, encoding='utf-8')
        toc.append(name)
    (made/'api'/'index.md').write_text('# The library\n\nEvery room of `clip_lit`, ground floor first. Each page lists what a room exports, with types, defaults, meanings and the source; the notebook behind it tells why.\n\n```{toctree}\n:maxdepth: 1\n\n' + '\n'.join(toc) + '\n```\n', encoding='utf-8')

    from clip_lit.cli import app
    names = [c.name or c.callback.__name__ for c in app.registered_commands]
    (made/'commands.md').write_text(f'# The command line\n\n```text\n{help_text([])}\n```\n\n' + '\n'.join(f'## clip-lit {n}\n\n```text\n{help_text([n])}\n```\n' for n in names), encoding='utf-8')

    cells = json.loads((root/'nbs'/'13_parity.ipynb').read_text(encoding='utf-8'))['cells']
    table = next(s for c in cells if (s := ''.join(c['source'])).startswith('## Where the code and the paper differ'))
    body = table.split('\n', 1)[1]
    (made/'decisions.md').write_text('# Decisions\n\nWhere the paper, the official code and this project differ, why, and what brings the original back. From the notebook [13_parity](/nbs/13_parity.ipynb), which also compares the numbers.\n' + linked(body, root), encoding='utf-8')
