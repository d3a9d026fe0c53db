"""Perceptual hashes: pictures that look alike have hashes that differ in few bits."""

WIDTH, HEIGHT = 9, 8  # of the grey miniature that dhash reads


def dhash(grey: bytes) -> str:
    """The 64-bit difference hash, as 16 hexadecimal digits, of a grey miniature of 9 × 8 pixels (row by row).

    Each bit says whether a pixel is darker than its right neighbour. Brightness, size and compression hardly
    change it; a picture of one colour is all zeros, so alike to any other such picture.
    Source: N. Krawetz, "Kind of Like That", hackerfactor.com (2013).
    Raises ValueError for any other number of pixels.
    """
    if len(grey) != WIDTH * HEIGHT:
        raise ValueError(f"dhash reads {WIDTH} × {HEIGHT} pixels, not {len(grey)} bytes")
    bits = 0
    for row in range(0, len(grey), WIDTH):
        for pixel in range(row, row + WIDTH - 1):
            bits = bits << 1 | (grey[pixel] < grey[pixel + 1])
    return f"{bits:016x}"


def distance(hash_a: str, hash_b: str) -> int:
    """Bits in which two hashes differ (Hamming distance), 0–64. Up to about 10, most often one picture."""
    return (int(hash_a, 16) ^ int(hash_b, 16)).bit_count()
