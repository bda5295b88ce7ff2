"""Prints perceptual hashes as imagededup defines them, for perceptual-hash.test.ts.

    pip install pillow==11.3.0 numpy scipy
    python tools/oracles/phash_imagededup.py            # of the drawn images in the test
    python tools/oracles/phash_imagededup.py FOLDER     # of a folder: path, hash (tab separated)

The steps are those of PHash in imagededup 0.3.3: RGB, Lanczos to 32x32, grey, DCT-II along both axes,
the 8x8 lowest frequencies against the median of all but the first. Pillow 11 scales rows before columns;
Pillow 13 takes columns first where that is less work, which can change the last bit of a grey value.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.fftpack import dct


def phash(image):
    if image.mode != "RGB":
        image = image.convert("RGBA").convert("RGB")
    grey = np.asarray(image.resize((32, 32), Image.LANCZOS).convert("L"))
    low = dct(dct(grey, axis=0), axis=1)[:8, :8]
    bits = low >= np.median(low.flatten()[1:])
    return "".join(f"{byte:02x}" for byte in np.packbits(bits))


def drawn(width, height):
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return ((37 * x + 61 * y + 89 * c + x * y * 5 + (x * x) // 7) % 256).astype(np.uint8)


if len(sys.argv) > 1:
    root = Path(sys.argv[1])
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            print(path.relative_to(root), phash(Image.open(path)), sep="\t")
else:
    for size in ((32, 32), (40, 48), (97, 61), (20, 50), (250, 131)):
        print(size, phash(Image.fromarray(drawn(*size))))
        print(size, "grey", phash(Image.fromarray(drawn(*size)[:, :, 0])))
