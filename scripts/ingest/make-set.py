"""Writes a synthetic set of currents on a global grid as NetCDF-4, file by file.

    make-set.py FOLDER COLUMNS ROWS SLICES SLICES_PER_FILE HOURS_PER_SLICE zlib|plain
"""
import sys

import netCDF4
import numpy as np

folder, storage = sys.argv[1], sys.argv[7]
columns, rows, slices, per_file, hours = (int(text) for text in sys.argv[2:7])
lon = np.arange(columns) * (360 / columns) - 180 + 180 / columns
lat = np.arange(rows) * (160 / rows) - 80 + 80 / rows
x, y = np.meshgrid(np.radians(lon).astype("f4"), np.radians(lat).astype("f4"))
# Continents of a kind: a third of the nodes, in a few large pieces and many islands.
land = np.sin(3 * x + np.cos(2 * y)) * np.cos(2.5 * y) + 0.3 * np.sin(37 * x) * np.sin(41 * y) > 0.3
fronts = [np.sin(11 * x + 7 * y), np.cos(23 * x - 13 * y), np.sin(67 * y), np.cos(71 * x)]
rng = np.random.default_rng(1)
noise = (0.02 * rng.standard_normal(x.shape)).astype("f4")
FILL = np.float32(9.96921e36)


def component(hour, phase):
    weights = [np.float32(0.4 * np.cos(0.26 * hour + phase + k)) for k in range(len(fronts))]
    values = sum(weight * front for weight, front in zip(weights, fronts))
    values += np.roll(noise, hour * 17 + int(phase), axis=1)
    values[land] = FILL
    return values


for first in range(0, slices, per_file):
    count = min(per_file, slices - first)
    with netCDF4.Dataset(f"{folder}/currents-{first:05d}.nc", "w", format="NETCDF4") as data:
        data.createDimension("time", count)
        data.createDimension("lat", rows)
        data.createDimension("lon", columns)
        times = data.createVariable("time", "f8", ("time",))
        times.units = "hours since 2020-01-01"
        times[:] = hours * np.arange(first, first + count)
        for name, values, units in (("lat", lat, "degrees_north"), ("lon", lon, "degrees_east")):
            axis = data.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = values
        for name, phase in (("uo", 0.0), ("vo", 1.5)):
            variable = data.createVariable(
                name,
                "f4",
                ("time", "lat", "lon"),
                fill_value=FILL,
                zlib=storage == "zlib",
                complevel=1,
                shuffle=storage == "zlib",
                chunksizes=(1, min(rows, 360), min(columns, 720)),
            )
            variable.units = "m s-1"
            variable.standard_name = (
                "eastward_sea_water_velocity" if name == "uo" else "northward_sea_water_velocity"
            )
            for index in range(count):
                variable[index] = component(hours * (first + index), phase)
