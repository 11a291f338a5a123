#!/usr/bin/python3
"""Reads boxes of variables with Debian's netCDF4, which unpacks and masks by itself.

Questions as JSON lines on standard input ({file, variable, ranges} or {file, times}), one answer
per line: count, sum, least and greatest of what is not masked; or first and last time in seconds.
"""
import json
import sys

import netCDF4
import numpy as np


def values(file, question):
    box = tuple(slice(first, first + count) for first, count in question["ranges"])
    found = np.ma.masked_invalid(np.ma.asarray(file[question["variable"]][box]))
    found = found.compressed().astype("f8")
    if found.size == 0:
        return {"count": 0}
    return {"count": int(found.size), "sum": float(found.sum()), "min": float(found.min()), "max": float(found.max())}


def times(file, question):
    variable = file[question["times"]]
    units = next(getattr(variable, name) for name in ("units", "Units", "unit", "Unit") if hasattr(variable, name))
    stored = np.ma.asarray(variable[:]).astype("f8").compressed()
    dates = netCDF4.num2date([stored.min(), stored.max()], units.strip(), "standard")
    epoch = netCDF4.num2date(0, "seconds since 1970-01-01", "standard")
    return {"first": (dates[0] - epoch).total_seconds(), "last": (dates[1] - epoch).total_seconds()}


for line in sys.stdin:
    question = json.loads(line)
    try:
        with netCDF4.Dataset(question["file"]) as file:
            answer = times(file, question) if "times" in question else values(file, question)
    except Exception as error:  # told, and compared as a difference
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
