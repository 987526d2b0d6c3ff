"""The unpickler of data sets: arrays and plain containers come back equal, everything else is refused by name."""

import io
import os
import pickle
import sys
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from reportgen.errors import DataError
from reportgen.unpickling import read_npz, unpickle

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Runs:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_and_containers_come_back_equal(protocol):
    rng = np.random.default_rng(0)
    given = {
        0: rng.normal(size=(7, 310)),
        "by columns": np.asfortranarray(rng.normal(size=(3, 4)).astype(np.float32)),
        "strided": np.arange(20)[::3],
        "big-endian": np.arange(4, dtype=">i2"),
        "text": np.array(["happy", "sad"]),
        "flags": np.array([True, False]),
        "one": np.float64(0.5),
        "whole": np.int64(3),
        "empty": np.empty((0, 62)),
        "list": [1, (2.5, None, True), {"a", "b"}, frozenset({1})],
        "bytes": b"\x00\xff",
        "no bytes": b"",
        "ordered": OrderedDict(b=1, a=2),
    }
    found = unpickle(pickle.dumps(given, protocol), "file")
    assert list(found) == list(given)
    for key, value in given.items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(found[key], value)
            assert found[key].dtype.newbyteorder("=") == value.dtype.newbyteorder("=")
        else:
            assert found[key] == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_objects_in_arrays_stay_what_they_are(protocol):
    given = np.empty(2, object)
    given[0], given[1] = [np.arange(3.0), "x"], {"a": np.ones((2, 2))}
    found = unpickle(pickle.dumps(given, protocol), "file")
    np.testing.assert_array_equal(found[0][0], np.arange(3.0))
    np.testing.assert_array_equal(found[1]["a"], np.ones((2, 2)))


def test_pickles_of_older_numpy_are_read():
    written = pickle.dumps({"delta": np.arange(6.0).reshape(2, 3)}, 2).replace(b"numpy._core", b"numpy.core")
    np.testing.assert_array_equal(unpickle(written, "file")["delta"], np.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("call", "name"),
    [
        (Runs(os.system, "touch was_run"), "system"),
        (Runs(eval, "open('was_run', 'w')"), "eval"),
        (Runs(getattr, "text", "join"), "getattr"),
        (Runs(np.load, "x"), "numpy.load"),
        (Runs(sys.exit), "exit"),
    ],
)
def test_code_is_refused_by_name_and_not_run(call, name, protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=rf"^1_1.npz data: the pickle wants \S*{name}, which is refused"):
        unpickle(pickle.dumps({"delta": call}, protocol), "1_1.npz data")
    assert not list(tmp_path.iterdir())


def test_other_classes_are_refused_by_name():
    with pytest.raises(DataError, match=r"types\.SimpleNamespace"):
        unpickle(pickle.dumps(SimpleNamespace(a=1)), "file")
    with pytest.raises(DataError, match="structured array"):
        unpickle(pickle.dumps(np.zeros(2, [("a", "f8"), ("b", "i4")])), "file")
    with pytest.raises(DataError, match="wants"):
        unpickle(pickle.dumps(np.array(["2020-01-01"], "M8[D]")), "file")
    with pytest.raises(DataError, match="codec zlib"):
        unpickle(b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x04\x00\x00\x00zlib\x86R.", "file")


def test_what_a_pickle_changes_does_not_outlive_it():
    """BUILD sets attributes of anything on the stack: what a pickle gets must be its own."""
    forged = b"\x80\x02cnumpy._core.multiarray\nscalar\n}X\x04\x00\x00\x00evilK\x01sb."
    unpickle(forged, "file")
    assert unpickle(pickle.dumps(np.float64(2.0)), "file") == 2.0
    with pytest.raises(DataError):
        unpickle(b"\x80\x02cnumpy\ndtype\n}X\x04\x00\x00\x00nameX\x01\x00\x00\x00Osb.", "file")


def test_broken_pickles_are_one_line():
    whole = pickle.dumps({"delta": np.arange(50.0), "names": ["a", {1: 2}]}, 2)
    for end in range(len(whole)):
        with pytest.raises(DataError, match=r"^file: "):
            unpickle(whole[:end], "file")
    for place in range(len(whole)):  # damage may go unnoticed, but never ends in another error
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        try:
            unpickle(bytes(damaged), "file")
        except DataError:
            continue


def test_a_list_that_holds_itself_is_refused():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(DataError, match="recursion"):
        unpickle(pickle.dumps(endless), "file")


def test_npz_in_the_three_ways_that_people_write(tmp_path: Path):
    bands = {"delta": np.arange(6.0).reshape(3, 2), "gamma": np.ones((3, 2))}
    path = tmp_path / "1_1.npz"
    objects = np.empty((), object)
    objects[()] = bands
    np.savez(path, as_bytes=pickle.dumps(bands), as_object=objects, plain=np.array([0, 1, 2]))
    found = read_npz(path)
    for key in ("as_bytes", "as_object"):
        np.testing.assert_array_equal(found[key]["delta"], bands["delta"])
    np.testing.assert_array_equal(found["plain"], [0, 1, 2])
    np.savez_compressed(path, data=np.void(pickle.dumps(bands)))
    np.testing.assert_array_equal(read_npz(path)["data"]["gamma"], bands["gamma"])


def test_npz_with_code_is_refused_with_file_and_key(tmp_path: Path):
    path = tmp_path / "1_123.npz"
    for content in (pickle.dumps(Runs(os.system, "touch was_run")), np.array([Runs(os.system, "touch was_run")], object)):
        np.savez(path, data=content)
        with pytest.raises(DataError, match=r"1_123\.npz data: the pickle wants \w+\.system"):
            read_npz(path)


def test_broken_npz_is_one_line(tmp_path: Path):
    stream = io.BytesIO()
    np.savez(stream, data=pickle.dumps({"a": np.arange(9.0)}), label=np.arange(4))
    whole = stream.getvalue()
    path = tmp_path / "1_1.npz"
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        with pytest.raises(DataError, match=r"1_1\.npz"):
            read_npz(path)
    with pytest.raises(DataError, match=r"absent\.npz"):
        read_npz(tmp_path / "absent.npz")
