"""Lets the compiled whatsmeow trust another root.

`WACertPubKey` is an exported variable of whatsmeow, there to be assigned by
programs in Go. Python has no such way in, so the bytes of the variable are found
in this process's own memory and overwritten. The library's file stays as it is,
and whatsmeow still verifies the whole chain.
"""

import ctypes

# The root that whatsmeow is built with.
BUILT_IN = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")


def trust(root: bytes) -> None:
    """Replaces the root; the library must be loaded already."""
    found = 0
    with open("/proc/self/maps", encoding="utf-8") as maps:
        regions = [line.split() for line in maps if "neonize" in line]
    for span, permissions, *_ in regions:
        if not permissions.startswith("rw"):
            continue
        start, end = (int(address, 16) for address in span.split("-"))
        offset = ctypes.string_at(start, end - start).find(BUILT_IN)
        if offset >= 0:
            ctypes.memmove(start + offset, root, len(root))
            found += 1
    # Anything else would mean another build of whatsmeow, in which this is a guess.
    if found != 1:
        raise RuntimeError(f"WACertPubKey was found {found} times in the library's memory, not once")
