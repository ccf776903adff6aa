"""The site: everything that can be read here, as static pages that need no network. `make docs` builds it into _docs.

The source folder is the repository, so links between notebooks, pages and pictures are the ones that work in a checkout too. No notebook is run: pages show the outputs that the
notebooks hold. Pages about the code, the commands and the decisions are made by pages.py just before."""
import shutil, sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT/'docs')]
from docutils import nodes
import pages

settings = ConfigParser(delimiters=['='])
settings.read(ROOT/'settings.ini', encoding='utf-8')
settings = settings['DEFAULT']

project, author, copyright, release = settings['lib_name'], settings['author'], settings['copyright'], settings['version']
extensions = ['myst_nb', 'sphinx.ext.viewcode']
root_doc = 'docs/index'
include_patterns = ['docs/*.md', 'docs/made/**', 'nbs/*.ipynb', 'nbs/tutorials/*.ipynb', 'results/**/notebooks/*.ipynb', 'benchmarks/README.md', 'benchmarks/results/seeds.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
exclude_patterns = ['.venv', '.git', '.dvc', '_docs', 'build', 'dist', 'data/*/**', '**/.ipynb_checkpoints', 'results/*/models', 'docs/_static']

nb_execution_mode = 'off'
nb_custom_formats = {'.ipynb': 'pages.read_notebook'}
nb_merge_streams = True
nb_render_markdown_format = 'myst'
nb_number_source_lines = False
myst_enable_extensions = ['dollarmath', 'colon_fence']
myst_heading_anchors = 3
myst_dmath_allow_labels = False
suppress_warnings = ['mystnb.unknown_mime_type', 'myst.header']

html_theme = 'furo'
html_title = project
html_favicon = '_static/favicon.svg'
html_static_path = ['_static']
html_css_files = ['site.css']
html_additional_pages = {'index': 'redirect.html'}
templates_path = ['_templates']
html_math_renderer = 'mathml'
html_copy_source = html_show_sourcelink = False
html_show_search_summary = False  # summaries are fetched page by page, which browsers refuse for file://
html_show_sphinx = False
html_theme_options = dict(navigation_with_keys=True, light_css_variables={'color-brand-primary': '#b3440e', 'color-brand-content': '#b3440e'}, dark_css_variables={'color-brand-primary': '#ffb27a', 'color-brand-content': '#ffb27a'})
python_use_unqualified_type_names = True
toc_object_entries_show_parents = 'hide'

def math(display):
    "Formulas become MathML, which browsers draw by themselves: no script, no font"
    def visit(writer, node):
        from latex2mathml.converter import convert
        text = convert(node.astext(), display='block' if display else 'inline')
        writer.body.append(f'<div class="math">{text}</div>' if display else text)
        raise nodes.SkipNode
    return visit, None

def setup(app):
    app.add_html_math_renderer('mathml', math(False), math(True))
    app.connect('builder-inited', lambda app: pages.make_pages(ROOT))
    app.connect('build-finished', lambda app, error: shutil.rmtree(Path(app.outdir).parent/'jupyter_execute', ignore_errors=True))  # pictures, copied by now
