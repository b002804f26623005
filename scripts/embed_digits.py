"""Writes Sources/Datasets/Digits+Embedded.swift from the digits as scikit-learn distributes them.

Usage: python3 scripts/embed_digits.py digits.csv.gz

Each line of the input is 64 pixels in 0...16, row by row, and the label. The bytes (pixels of all images, then all
labels) are packed with zlib and written as one base64 literal: the compiler reads one string faster than an array.
"""

import base64
import gzip
import pathlib
import sys
import zlib

rows = [[int(cell) for cell in line.split(",")] for line in gzip.open(sys.argv[1], "rt") if line.strip()]
assert len(rows) == 1797 and all(len(row) == 65 and 0 <= min(row) and max(row[:64]) <= 16 for row in rows)
packed = zlib.compress(bytes(v for row in rows for v in row[:64]) + bytes(row[64] for row in rows), 9)
text = base64.b64encode(packed).decode()
target = pathlib.Path(__file__).parent.parent / "Sources/Datasets/Digits+Embedded.swift"
target.write_text(
    "// Written by scripts/embed_digits.py; do not edit.\n"
    "// Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak (1998), UCI, CC BY 4.0; see NOTICE.\n\n"
    "extension Digits {\n"
    "    /// Zlib-packed bytes in base64: 1,797 × 64 pixels in 0...16, then 1,797 labels.\n"
    "    // swift-format-ignore\n"
    f'    static let packed = "{text}"\n'
    "}\n")
