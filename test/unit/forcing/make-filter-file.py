#!/usr/bin/python3
"""Makes test/fixtures/forcing/zstd.nc: a sound file with a filter that h5wasm does not have.

Needs h5py and hdf5plugin from PyPI:
    python3 test/unit/forcing/make-filter-file.py test/fixtures/forcing/zstd.nc
"""
import sys
import h5py
import hdf5plugin
import numpy as np

with h5py.File(sys.argv[1], "w", libver="latest") as file:
    for name, values, units in [
        ("time", [0.0, 6.0], "hours since 2020-01-01"),
        ("lat", np.arange(4.0), "degrees_north"),
        ("lon", np.arange(5.0), "degrees_east"),
    ]:
        axis = file.create_dataset(name, data=values)
        axis.attrs["units"] = units
        axis.make_scale(name)
    for name in ("uo", "vo"):
        data = np.zeros((2, 4, 5), "f4")
        field = file.create_dataset(name, data=data, chunks=(1, 4, 5), **hdf5plugin.Zstd())
        field.attrs["units"] = "m/s"
        for index, axis in enumerate(("time", "lat", "lon")):
            field.dims[index].attach_scale(file[axis])
