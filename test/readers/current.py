"""Opens a forecast folder with what PyPI has today and prints facts as JSON.

Usage: current.py --probe | FOLDER

xarray with zarr 3, geopandas with pyarrow, and pystac with the STAC schemas it brings.
"""
import json
import os
import sys

sys.path.pop(0)

try:
    import geopandas
    import jsonschema  # noqa: F401
    import numpy as np
    import pyarrow  # noqa: F401
    import pystac
    import xarray as xr
    import zarr
    from pystac.validation import validate_dict
except ImportError as absent:
    print(f"no {absent.name} for {sys.executable}")
    sys.exit(3)

if int(zarr.__version__.split(".")[0]) < 3:
    print(f"zarr {zarr.__version__} is not current for {sys.executable}")
    sys.exit(3)

if sys.argv[1] == "--probe":
    sys.exit(0)

folder = sys.argv[1]
opened = {}
for store in ("density", "beaching", "trajectories"):
    dataset = xr.open_zarr(os.path.join(folder, f"{store}.zarr"), chunks=None)
    dataset.load()
    opened[store] = dataset

table = geopandas.read_parquet(os.path.join(folder, "trajectories.parquet"))
tracks = opened["trajectories"]
order = table.sort_values(["trajectory", "time"])
is_placed = tracks.lon.notnull().values
np.testing.assert_array_equal(order.geometry.x.values, tracks.lon.values[is_placed])
np.testing.assert_array_equal(order.geometry.y.values, tracks.lat.values[is_placed])
names = np.array(tracks.status.attrs["flag_meanings"].split())
codes = {value: index for index, value in enumerate(tracks.status.attrs["flag_values"])}
expected = [names[codes[int(code)]] for code in tracks.status.values[is_placed]]
assert list(order.status) == expected
times = np.broadcast_to(tracks.time.values, is_placed.shape)[is_placed]
np.testing.assert_array_equal(
    order.time.dt.tz_localize(None).values.astype("datetime64[s]"), times.astype("datetime64[s]")
)

with open(os.path.join(folder, "stac", "item.json")) as file:
    item = json.load(file)
# Core alone: the schemas of extensions are on a server that tests must not need.
validate_dict(item, pystac.STACObjectType.ITEM, "1.1.0", [], None)
assets = pystac.Item.from_dict(item).assets

ending = opened["density"].status_count.isel(time=-1).sum("member")
print(
    json.dumps(
        {
            "versions": {"xarray": xr.__version__, "zarr": zarr.__version__},
            "ending": {str(name): int(ending.sel(status=name)) for name in ending.status.values},
            "crs": table.crs.to_string(),
            "rows": len(table),
            "members": sorted(int(member) for member in set(table.member)),
            "classes": sorted(set(table["class"])),
            "assets": sorted(assets),
        }
    )
)
