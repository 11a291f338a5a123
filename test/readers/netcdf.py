"""Compares forecast.nc with density.zarr by netCDF4 and xarray and prints facts as JSON.

Usage: netcdf.py --probe | FOLDER
"""
import json
import os
import sys

sys.path.pop(0)

try:
    import netCDF4
    import numpy as np
    import xarray as xr
    import zarr  # noqa: F401
except ImportError as absent:
    print(f"no {absent.name} for {sys.executable}")
    sys.exit(3)

if sys.argv[1] == "--probe":
    sys.exit(0)

folder = sys.argv[1]
path = os.path.join(folder, "forecast.nc")
density = xr.open_zarr(os.path.join(folder, "density.zarr"), chunks=None)
with netCDF4.Dataset(path) as raw:
    assert raw.data_model == "NETCDF3_64BIT_OFFSET", raw.data_model
    assert raw.dimensions["time"].isunlimited()
    for name in ("particle_density", "confidence"):
        np.testing.assert_array_equal(raw[name][:], density[name].values)
    statuses = raw["status_count"].status_names.split()
    ending = dict(zip(statuses, (int(value) for value in raw["status_count"][-1])))
with xr.open_dataset(path) as opened:
    np.testing.assert_array_equal(opened.time.values, density.time.values)
    np.testing.assert_array_equal(opened.lon.values, density.lon.values)
    np.testing.assert_array_equal(opened.lat.values, density.lat.values)
    facts = {"title": opened.attrs["title"], "ending": ending, "sum": float(opened.particle_density.sum())}
print(json.dumps(facts))
