"""Merkle trees: roots and proofs, held against the words of RFC 6962 and against pymerkle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pymerkle
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from phasegate.audit.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

MOST = 70
SIZES = range(MOST + 1)
LEAVES = [leaf_hash(b"entry %d" % seq) for seq in range(300)]
ODD_HASH = sha256(b"of no entry").digest()

# The entries and roots that Certificate Transparency's own implementations are tested with.
KNOWN = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
]


@cache
def root_of(start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962, section 2.1, as it is written there."""
    if start == end:
        return sha256(b"").digest()
    if end - start == 1:
        return LEAVES[start]
    middle = start + split(end - start)
    return sha256(b"\x01" + root_of(start, middle) + root_of(middle, end)).digest()


def split(count: int) -> int:
    """The largest power of two smaller than a number."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def path_of(seq: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if end - start == 1:
        return []
    middle = start + split(end - start)
    if seq < middle:
        return [*path_of(seq, start, middle), root_of(middle, end)]
    return [*path_of(seq, middle, end), root_of(start, middle)]


def subproof_of(old: int, start: int, end: int, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2, with ``old`` counted from the first entry."""
    if old == end:
        return [] if whole else [root_of(start, end)]
    middle = start + split(end - start)
    if old <= middle:
        return [*subproof_of(old, start, middle, whole), root_of(middle, end)]
    return [*subproof_of(old, middle, end, whole=False), root_of(start, middle)]


def subtree(start: int, end: int) -> bytes:
    """What a store answers with, which keeps the hashes of full subtrees and of no others."""
    width = end - start
    assert width > 0
    assert width & (width - 1) == 0
    assert start % width == 0
    return root_of(start, end)


def root_after(parts: Sequence[Sequence[bytes]]) -> bytes:
    frontier = Frontier()
    for part in parts:
        frontier.add_many(part)
    return frontier.root()


def test_the_hashes_of_an_entry_and_of_two_subtrees_are_kept_apart() -> None:
    assert sha256(b"\x00entry").digest() == leaf_hash(b"entry")
    left, right = LEAVES[:2]
    assert sha256(b"\x01" + left + right).digest() == node_hash(left, right)
    assert leaf_hash(b"\x01" + left + right) != node_hash(left, right)


def test_the_root_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256().digest()


def test_known_roots() -> None:
    frontier = Frontier()
    for entry, root in KNOWN:
        frontier.add(leaf_hash(bytes.fromhex(entry)))
        assert frontier.root().hex() == root


def test_known_proofs() -> None:
    path = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    first, eighth = (bytes.fromhex(KNOWN[i][1]) for i in (0, 7))
    hashes = [bytes.fromhex(each) for each in path]
    assert verify_inclusion(first, 0, 8, hashes, eighth)
    assert verify_consistency(1, 8, first, eighth, hashes)


@pytest.mark.parametrize("size", SIZES)
def test_the_root_of_every_size(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.add(leaf)
    assert frontier.size == size
    assert frontier.root() == root_of(0, size)
    assert root_after([LEAVES[:size]]) == root_of(0, size)


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_of_every_size_is_proved(size: int) -> None:
    for seq in range(size):
        path = inclusion_proof(seq, size, subtree)
        assert path == path_of(seq, 0, size)
        assert verify_inclusion(LEAVES[seq], seq, size, path, root_of(0, size))


@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize("size", SIZES)
def test_an_entry_is_proved_at_no_other_place(size: int) -> None:
    for seq in range(size):
        path = path_of(seq, 0, size)
        for other in range(-1, size + 2):
            if other != seq:
                assert not verify_inclusion(LEAVES[seq], other, size, path, root_of(0, size))


@pytest.mark.sampled(every=9, whole=True)
@pytest.mark.parametrize("size", SIZES)
def test_a_proof_holds_under_no_root_of_another_size(size: int) -> None:
    for seq in range(size):
        path = path_of(seq, 0, size)
        for other in SIZES:
            if other != size:
                assert not verify_inclusion(LEAVES[seq], seq, other, path, root_of(0, other))
                assert not verify_inclusion(LEAVES[seq], seq, size, path, root_of(0, other))


@pytest.mark.parametrize("new", SIZES)
def test_every_older_size_is_shown_to_be_consistent(new: int) -> None:
    for old in range(new + 1):
        path = consistency_proof(old, new, subtree)
        assert path == (subproof_of(old, 0, new, whole=True) if old else [])
        assert verify_consistency(old, new, root_of(0, old), root_of(0, new), path)


@pytest.mark.sampled(every=9, whole=True)
@pytest.mark.parametrize("new", SIZES)
def test_a_consistency_proof_holds_for_no_other_size(new: int) -> None:
    for old in range(1, new):
        path = consistency_proof(old, new, subtree)
        for other in range(new + 2):
            if other != old:
                assert not verify_consistency(other, new, root_of(0, other), root_of(0, new), path)
                assert not verify_consistency(old, new, root_of(0, other), root_of(0, new), path)
            if other != new:
                assert not verify_consistency(old, other, root_of(0, old), root_of(0, other), path)
                assert not verify_consistency(old, new, root_of(0, old), root_of(0, other), path)


@given(st.integers(0, 300), st.lists(st.integers(0, 300)))
def test_the_root_does_not_depend_on_how_entries_are_added(size: int, cuts: list[int]) -> None:
    marks = [0, *sorted(cut for cut in cuts if cut <= size), size]
    frontier, roots = Frontier(), []
    for start, end in pairwise(marks):
        frontier.add_many(iter(LEAVES[start:end]))
        roots.append(frontier.root())
    # One pass gives the root of every size on the way.
    assert roots == [root_of(0, end) for end in marks[1:]]
    assert frontier.size == size


@given(st.lists(st.integers(0, 4), max_size=20))
def test_whole_subtrees_are_added_where_they_fit(heights: list[int]) -> None:
    frontier = Frontier()
    for height in heights:
        width = 1 << height
        if frontier.size % width == 0 and frontier.size + width <= len(LEAVES):
            frontier.add_subtree(height, root_of(frontier.size, frontier.size + width))
        else:
            frontier.add(LEAVES[frontier.size])
    assert frontier.root() == root_of(0, frontier.size)


def test_a_copy_goes_on_by_itself() -> None:
    frontier = Frontier()
    frontier.add_many(LEAVES[:5])
    copy = frontier.copy()
    copy.add_many(LEAVES[5:12])
    assert (frontier.size, frontier.root()) == (5, root_of(0, 5))
    assert (copy.size, copy.root()) == (12, root_of(0, 12))


# --- pymerkle: another implementation of the same trees


ENTRIES = st.lists(st.binary(max_size=12), min_size=1, max_size=150)


def grown(entries: Sequence[bytes]) -> tuple[pymerkle.InmemoryTree, list[bytes]]:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    return tree, [leaf_hash(entry) for entry in entries]


def subtrees(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    return lambda start, end: root_after([leaves[start:end]])


@given(ENTRIES)
def test_pymerkle_computes_the_same_roots(entries: list[bytes]) -> None:
    tree, leaves = grown(entries)
    frontier = Frontier()
    for size, leaf in enumerate(leaves, 1):
        frontier.add(leaf)
        assert tree.get_root(size) == frontier.root()


@given(ENTRIES, st.data())
def test_pymerkle_and_we_verify_each_other_s_inclusion_proofs(
    entries: list[bytes], data: st.DataObject
) -> None:
    tree, leaves = grown(entries)
    size = data.draw(st.integers(1, len(entries)))
    seq = data.draw(st.integers(0, size - 1))
    root = tree.get_root(size)

    theirs = tree.prove_inclusion(seq + 1, size)
    assert verify_inclusion(leaves[seq], seq, size, theirs.path[1:], root)

    theirs.path = [leaves[seq], *inclusion_proof(seq, size, subtrees(leaves))]
    pymerkle.verify_inclusion(leaves[seq], root, theirs, index=seq + 1, size=size)


def as_in_the_rfc(proof: pymerkle.ConsistencyProof) -> list[bytes]:
    """Pymerkle's consistency proof in the form of RFC 6962.

    Where the older tree ends between two subtrees, pymerkle goes on into the right one, down to its first
    leaf; the RFC takes the hash of it. And the RFC leaves out the older root where it is one of the hashes.
    """
    steps = list(zip(proof.rule, proof.subset[1:], proof.path[1:], strict=False))
    found, shared = proof.path[0], bool(proof.subset[0])
    while not shared:
        right, shared, step = steps.pop(0)
        if not shared:
            found = node_hash(step, found) if right else node_hash(found, step)
            continue
        whole = not any(older for _, older, _ in steps)
        return [*([] if whole else [step]), found, *(step for _, _, step in steps)]
    whole = not any(older for _, older, _ in steps)
    return [*([] if whole else [found]), *(step for _, _, step in steps)]


@given(ENTRIES, st.data())
def test_pymerkle_s_consistency_proofs_are_ours(entries: list[bytes], data: st.DataObject) -> None:
    tree, leaves = grown(entries)
    new = data.draw(st.integers(1, len(entries)))
    old = data.draw(st.integers(1, new))
    roots = tree.get_root(old), tree.get_root(new)
    theirs = tree.prove_consistency(old, new)
    pymerkle.verify_consistency(*roots, theirs, prior_size=old, later_size=new)
    assert consistency_proof(old, new, subtrees(leaves)) == as_in_the_rfc(theirs)
    assert verify_consistency(old, new, *roots, as_in_the_rfc(theirs))


# --- proofs that somebody has tampered with


@st.composite
def tampered(draw: st.DrawFn, path: list[bytes]) -> list[bytes]:
    """A path with a bit flipped, a hash dropped, added or put in the place of another, or two exchanged."""
    other = list(path)
    hashes = st.sampled_from([*path, *LEAVES[:5], ODD_HASH, EMPTY_ROOT, root_of(0, 8)])
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(other) - 1, 0)))
        kind = draw(st.sampled_from(["flip", "drop", "put", "swap"])) if other else "add"
        if kind == "flip":
            bit = draw(st.integers(0, 255))
            flipped = int.from_bytes(other[at]) ^ (1 << bit)
            other[at] = flipped.to_bytes(32)
        elif kind == "drop":
            del other[at]
        elif kind == "put":
            other[at] = draw(hashes)
        elif kind == "swap":
            with_ = draw(st.integers(0, len(other) - 1))
            other[at], other[with_] = other[with_], other[at]
        if kind == "add" or draw(st.booleans()):
            other.insert(draw(st.integers(0, len(other))), draw(hashes))
    assume(other != path)
    return other


@given(st.integers(1, 300), st.data())
def test_a_tampered_inclusion_proof_never_verifies(size: int, data: st.DataObject) -> None:
    seq = data.draw(st.integers(0, size - 1))
    path, root = path_of(seq, 0, size), root_of(0, size)
    assert verify_inclusion(LEAVES[seq], seq, size, path, root)
    assert not verify_inclusion(LEAVES[seq], seq, size, data.draw(tampered(path)), root)
    assert not verify_inclusion(ODD_HASH, seq, size, path, root)
    assert not verify_inclusion(LEAVES[seq], seq, size, path, ODD_HASH)
    other = data.draw(st.integers(-2, 400).filter(lambda other: other != seq))
    assert not verify_inclusion(LEAVES[seq], other, size, path, root)


@given(st.integers(1, 300), st.data())
def test_a_tampered_consistency_proof_never_verifies(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    path, roots = consistency_proof(old, new, subtree), (root_of(0, old), root_of(0, new))
    assert verify_consistency(old, new, *roots, path)
    assert not verify_consistency(old, new, *roots, data.draw(tampered(path)))
    assert not verify_consistency(old, new, ODD_HASH, roots[1], path)
    assert not verify_consistency(old, new, roots[0], ODD_HASH, path)
    if old < new:
        assert not verify_consistency(new, old, roots[1], roots[0], path)


@given(st.integers(2, 300), st.data())
def test_a_fork_is_consistent_with_nothing_after_it(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    leaves = [*LEAVES[:changed], ODD_HASH, *LEAVES[changed + 1 :]]
    path = consistency_proof(old, new, subtrees(leaves))
    forked = root_after([leaves[:new]])
    assert verify_consistency(old, new, root_after([leaves[:old]]), forked, path)
    assert not verify_consistency(old, new, root_of(0, old), forked, path)


# --- sizes and lengths that are none


@pytest.mark.parametrize(
    ("seq", "size", "path"),
    [
        (0, 0, []),
        (1, 1, []),
        (-1, 1, []),
        (-1, 4, [LEAVES[0]] * 2),
        (0, -1, []),
        (0, 1, [LEAVES[0]]),
        (0, 2, []),
        (0, 2, [LEAVES[1][:31]]),
        (0, 2, [LEAVES[1] + b"\x00"]),
        (0, 2, [b""]),
        (0, 2, [LEAVES[1].hex()]),
        (0, 2, [None]),
        (0, 2, [LEAVES[1]] * 100_000),
        (0, 2**80, [LEAVES[1]] * 79),
    ],
)
def test_a_malformed_inclusion_proof_is_false_and_no_error(seq: int, size: int, path: list[Any]) -> None:
    for root in (root_of(0, 2), EMPTY_ROOT, LEAVES[0]):
        if (seq, size, path, root) != (0, 1, [], LEAVES[0]):
            assert verify_inclusion(LEAVES[0], seq, size, path, root) is False


@pytest.mark.parametrize(
    ("old", "new", "roots", "path"),
    [
        (-1, 2, (ODD_HASH, root_of(0, 2)), []),
        (-1, -1, (EMPTY_ROOT, EMPTY_ROOT), []),
        (2, 1, (root_of(0, 2), root_of(0, 1)), []),
        (0, 0, (ODD_HASH, ODD_HASH), []),
        (0, 0, (EMPTY_ROOT, EMPTY_ROOT), [LEAVES[0]]),
        (0, 2, (ODD_HASH, root_of(0, 2)), []),
        (0, 2, (EMPTY_ROOT, root_of(0, 2)), [LEAVES[0]]),
        (1, 1, (LEAVES[0], LEAVES[0]), [LEAVES[0]]),
        (1, 1, (LEAVES[0], LEAVES[1]), []),
        (1, 2, (root_of(0, 1), root_of(0, 2)), []),
        (1, 2, (root_of(0, 1), root_of(0, 2)), [LEAVES[1][:31]]),
        (1, 2, (root_of(0, 1), root_of(0, 2)), [LEAVES[1].hex()]),
        (1, 2, (root_of(0, 1), root_of(0, 2)), [LEAVES[1]] * 100_000),
        (3, 4, (root_of(0, 3), root_of(0, 4)), []),
        (1, 1, (b"", b""), []),
        (0, 1, (EMPTY_ROOT, b""), []),
    ],
)
def test_a_malformed_consistency_proof_is_false_and_no_error(
    old: int, new: int, roots: tuple[bytes, bytes], path: list[Any]
) -> None:
    assert verify_consistency(old, new, *roots, path) is False


def test_a_path_of_another_length_is_refused_under_the_very_root_it_leads_to() -> None:
    zero, one, two, three, more = LEAVES[:5]
    longer = node_hash(more, zero)
    assert not verify_inclusion(zero, 0, 1, [more], longer)
    assert not verify_inclusion(zero, 0, 3, [one], node_hash(zero, one))

    proof, roots = [two, three, node_hash(zero, one)], (root_of(0, 3), root_of(0, 4))
    assert verify_consistency(3, 4, *roots, proof)
    assert not verify_consistency(3, 5, *roots, proof)
    assert not verify_consistency(3, 4, *(node_hash(more, root) for root in roots), [*proof, more])


def test_an_empty_log_is_the_beginning_of_every_log() -> None:
    assert verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    assert verify_consistency(0, 7, EMPTY_ROOT, root_of(0, 7), [])
