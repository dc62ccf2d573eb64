"""Writes test/data/fixtures/csv.json: texts with the records that Python's csv module reads, and tables of pandas.

Run with a Python that has pandas 3:  python3 scripts/golden/make-csv.py
"""

import csv
import io
import json
import pathlib
import random
import subprocess

import pandas

FIXTURE = pathlib.Path(__file__).parents[2] / "test" / "data" / "fixtures" / "csv.json"
draw = random.Random(5)
CELLS = ["", "a", "1.5", "-2", " ", "x,y", 'say "hi"', "two\nlines", "cr\r\nlf", '"', ",", "é€🙂", "0x10", "1e3", "nan"]


def text_of(rows, line_end, quoting):
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end, quoting=quoting).writerows(rows)
    return out.getvalue()


def records():
    cases = []
    for line_end in ("\n", "\r\n", "\r"):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
            rows = [[draw.choice(CELLS) for _ in range(4)] for _ in range(12)]
            text = text_of(rows, line_end, quoting)
            # newline='' keeps line breaks inside of quotes.
            read = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
            cases.append({"text": text, "records": read})
    return cases


def number():
    kind = draw.randrange(6)
    if kind == 0:
        return str(draw.randrange(-300, 300))
    if kind == 1:
        return f"{draw.uniform(-10, 10):.{draw.randrange(1, 12)}f}"
    if kind == 2:
        return f"{draw.uniform(-1, 1):.17g}"
    if kind == 3:
        return f"{draw.uniform(-10, 10):e}"
    return draw.choice(["0", "-0.5", "007", "1.", "123456789012345678", ".25", "+3", "1E-3"])


def table():
    header = [f"c{i}" for i in range(5)]
    rows = [[number() for _ in header] for _ in range(40)]
    text = text_of([header, *rows], "\r\n", csv.QUOTE_MINIMAL)
    frame = pandas.read_csv(io.StringIO(text), float_precision="round_trip", dtype="float64")
    return {"text": text, "values": frame.to_numpy().tolist()}


FIXTURE.write_text(json.dumps({"records": records(), "table": table()}))
subprocess.run(["npx", "biome", "format", "--write", FIXTURE], check=True)
