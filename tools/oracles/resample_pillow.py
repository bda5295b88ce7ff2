"""Prints what Pillow's Lanczos makes of a small drawn image, for resample.test.ts.

    pip install pillow numpy
    python tools/oracles/resample_pillow.py
"""

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 12, 9
y, x, c = np.mgrid[0:HEIGHT, 0:WIDTH, 0:3]
image = ((37 * x + 61 * y + 89 * c + x * y * 5) % 256).astype(np.uint8)
scaled = Image.fromarray(image).resize((5, 4), Image.LANCZOS)
print(np.asarray(scaled).reshape(-1).tolist())
