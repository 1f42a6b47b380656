"""Decodes frames with Debian's python3-canmatrix, as a second opinion.

Arguments: DBC files. Standard input: one frame per line, `FILE-INDEX ID EXTENDED(0|1) DATA` with id and data in hexadecimal.
Standard output: one JSON object per line:
  message  the name of the message, or null
  signals  [name, physical value as text or null, there] for every signal of the message in file order; `there` is what the multiplexing
           of canmatrix's own model (mux_val, mux_val_grp, muxer_for_signal) says
  decoded  the names that canmatrix's own Frame.decode returns, or null where it refuses the frame

Every value is canmatrix's: its bit strings, its raw2phys. A signal that does not lie within its message has null: canmatrix slices such a
bit string wrongly. `there` follows one rule where Frame.decode has two: a signal marked mN that no SG_MUL_VAL_ names depends on the
multiplexer M also when other signals of the message have an SG_MUL_VAL_.
"""

import io
import json
import logging
import sys

logging.disable(logging.CRITICAL)
stdout, sys.stdout = sys.stdout, io.StringIO()
stderr, sys.stderr = sys.stderr, io.StringIO()
import canmatrix  # noqa: E402
import canmatrix.formats.dbc  # noqa: E402

matrices = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        content = file.read()
    try:
        content.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = "iso-8859-1"
    matrices.append(canmatrix.formats.dbc.load(io.BytesIO(content), dbcImportEncoding=encoding))
sys.stdout, sys.stderr = stdout, stderr


def find(matrix, arbitration_id):
    frame = matrix.frame_by_id(arbitration_id)
    if frame is None and matrix.contains_j1939 and arbitration_id.extended:
        for test in matrix.frames:
            if test.arbitration_id.extended and test.arbitration_id.pgn == arbitration_id.pgn:
                return test
    return frame


def raw_values(frame, data):
    little, big = frame.bytes_to_bitstrings(data)
    bits = len(data) * 8
    raws = []
    for signal in frame.signals:
        if signal.size == 0 or signal.start_bit + signal.size > bits:
            raws.append(None)
        else:
            raws.append(frame.bitstring_to_signal_list([signal], big, little, bits)[0])
    return raws


def is_there(frame, signal, raws, depth=0):
    parents = [s for s in frame.signals if s.name == signal.muxer_for_signal and s is not signal]
    if signal.muxer_for_signal is not None:
        parent, groups = (parents or [None])[0], signal.mux_val_grp
    elif signal.mux_val is not None:
        plain = [s for s in frame.signals if s.is_multiplexer and s.muxer_for_signal is None]
        if not plain:
            return True
        parent, groups = plain[-1], [[signal.mux_val, signal.mux_val]]
    else:
        return True
    if parent is None or depth > 20 or not is_there(frame, parent, raws, depth + 1):
        return False
    raw = next(r for s, r in zip(frame.signals, raws) if s is parent)
    return raw is not None and any(low <= raw <= high for low, high in groups)


for line in sys.stdin:
    index, identifier, extended, payload = (line.rstrip("\n").split(" ") + [""])[:4]
    arbitration_id = canmatrix.ArbitrationId(int(identifier, 16), extended == "1")
    data = bytes.fromhex(payload)
    frame = find(matrices[int(index)], arbitration_id)
    if frame is None:
        print(json.dumps({"message": None, "signals": [], "decoded": None}))
        continue
    raws = raw_values(frame, data)
    signals = [
        [s.name, None if r is None else str(s.raw2phys(r)), is_there(frame, s, raws)] for s, r in zip(frame.signals, raws)
    ]
    try:
        decoded = sorted(frame.decode(data))
    except Exception:
        decoded = None
    print(json.dumps({"message": frame.name, "signals": signals, "decoded": decoded}))
