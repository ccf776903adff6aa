__version__ = "0.1.0"

import warnings
warnings.filterwarnings('ignore', message='IProgress not found') # tqdm.auto, which open_clip's imports use, asks for widgets; plain bars do
