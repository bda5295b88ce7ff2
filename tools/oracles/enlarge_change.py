"""Prints a change of 3x2 pixels enlarged to 7x5 by Pillow's bicubic filter (Keys, a = -0.5) of 32-bit floats, rounded, for change.test.ts.

    pip install pillow numpy
    python tools/oracles/enlarge_change.py
"""

import numpy as np
from PIL import Image

change = np.array([[10, -60, 80], [0, 90, -30]], dtype=np.float32)
enlarged = Image.fromarray(change).resize((7, 5), Image.Resampling.BICUBIC)
print(np.rint(np.asarray(enlarged)).astype(int).ravel().tolist())
