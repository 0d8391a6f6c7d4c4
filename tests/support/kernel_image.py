#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kernel_image.py VMLINUZ OUT: the kernel's ELF image inside of a bzImage, packed with zstd, xz, gzip or LZ4."""
import lzma
import re
import subprocess
import sys
import zlib


def zstd(data):
    return subprocess.run(["zstd", "-dcq"], input=data, capture_output=True).stdout


def xz(data):
    return lzma.LZMADecompressor().decompress(data)


def gzip(data):
    return zlib.decompressobj(wbits=31).decompress(data)


def lz4_length(data, at, length):
    """What comes on top of a length of 15: bytes to add, the last is not 255."""
    while True:
        more = data[at]
        at, length = at + 1, length + more
        if more != 255:
            return at, length


def lz4_block(data):
    out, at = bytearray(), 0
    while at < len(data):
        token, at = data[at], at + 1
        at, n = lz4_length(data, at, token >> 4) if token >> 4 == 15 else (at, token >> 4)
        out += data[at:at + n]
        at += n
        if at >= len(data):
            break
        back, at = data[at] | data[at + 1] << 8, at + 2
        at, n = lz4_length(data, at, 15) if token & 15 == 15 else (at, token & 15)
        n += 4
        start = len(out) - back
        out += out[start:start + n] if back >= n else (bytes(out[start:]) * (n // back + 1))[:n]
    return out


def lz4(data):
    """The legacy frame: blocks of 8 MiB after their lengths; the last is shorter."""
    out, at = bytearray(), 4
    while True:
        n = int.from_bytes(data[at:at + 4], "little")
        block = lz4_block(data[at + 4:at + 4 + n])
        out += block
        at += 4 + n
        if len(block) < 8 << 20:
            return bytes(out)


def main():
    data = open(sys.argv[1], "rb").read()
    for magic, unpack in ((b"\x28\xb5\x2f\xfd", zstd), (b"\xfd7zXZ\0", xz), (b"\x1f\x8b\x08", gzip), (b"\x02\x21\x4c\x18", lz4)):
        for m in re.finditer(re.escape(magic), data):
            try:
                image = unpack(data[m.start():])
            except (lzma.LZMAError, zlib.error, IndexError):
                continue
            if image[:4] == b"\x7fELF":
                open(sys.argv[2], "wb").write(image)
                return
    sys.exit("no image in it")


main()
