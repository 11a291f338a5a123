"""Opens the Zarr stores of a forecast folder with xarray and prints what it found as JSON.

Usage: xarray.py --probe            exits 0 where xarray and zarr can be imported
       xarray.py FOLDER [SUMMARY]   SUMMARY: what `simulate --json` printed; its status is checked
"""
import json
import os
import sys

# The script's own folder holds a file named xarray.py: it must not be the xarray imported.
sys.path.pop(0)

try:
    import numpy as np
    import xarray as xr
    import zarr  # noqa: F401
except ImportError as absent:
    print(f"no {absent.name} for {sys.executable}")
    sys.exit(3)

if sys.argv[1] == "--probe":
    sys.exit(0)


def iso(values):
    return [str(np.datetime_as_string(value, unit="s")) + "Z" for value in values]


def describe(dataset):
    return {
        "dims": {name: int(size) for name, size in dataset.sizes.items()},
        "coords": sorted(dataset.coords),
        "variables": sorted(dataset.data_vars),
        "conventions": dataset.attrs["Conventions"],
        "title": dataset.attrs["title"],
        "times": iso(dataset.time.values),
    }


folder = sys.argv[1]
density = xr.open_zarr(os.path.join(folder, "density.zarr"), chunks=None)
density.load()
facts = {"density": describe(density)}
count = density.particle_count
afloat = density.status_count.sel(status="afloat")
assert count.dtype == np.uint32, count.dtype
assert density.status_count.dtype == np.uint32
assert not density.particle_density.isnull().any()
per_member = count.sum(dim=["class", "lat", "lon"])
assert (per_member <= afloat).all(), "more particles counted in cells than afloat"
mean = (count.sum(dim=["class", "member"]) / count.sizes["member"]) / density.cell_area
np.testing.assert_allclose(
    density.particle_density.values,
    mean.transpose("time", "lat", "lon").values.astype(np.float32),
    rtol=1e-6,
)
members = count.sum(dim="class")
per_area = (members / density.cell_area).transpose("member", "time", "lat", "lon").values
for index, share in enumerate(density["quantile"].values):
    # The least value that so many members do not exceed, to the last bit of a float32.
    np.testing.assert_array_equal(
        density.particle_density_quantile.values[index],
        np.quantile(per_area, share, axis=0, method="inverted_cdf").astype(np.float32),
    )
for index, threshold in enumerate(density.threshold.values):
    np.testing.assert_array_equal(
        density.exceedance_probability.values[index],
        (per_area > threshold).mean(axis=0).astype(np.float32),
    )
low, high = (density.particle_density_quantile.values[index] for index in (0, 2))
with np.errstate(invalid="ignore"):
    agreement = np.where(high > 0, 1 - (high - low) / (high + low), 1)
present = density.status_count.sum(dim=["member", "status"]).values
particles = int(present.max())
share = present / particles
np.testing.assert_allclose(
    density.confidence.values, agreement * share[:, None, None], rtol=1e-5, atol=1e-6
)
interval = float(np.diff(density.time.values.astype("datetime64[s]").astype(np.int64))[0])
np.testing.assert_allclose(
    density.residence_time.values,
    (count.sum(dim=["class", "member", "time"]) * interval / particles).values,
    rtol=1e-6,
)
np.testing.assert_allclose(
    density.particle_density_time_mean.values,
    density.particle_density.mean("time").values,
    rtol=1e-5,
)
facts["counted"] = int(count.sum())
facts["classes"] = {
    str(name): int(count.sel({"class": name}).sum()) for name in density["class"].values
}
facts["lat"] = [float(value) for value in density.lat.values]
facts["lon"] = [float(value) for value in density.lon.values]
facts["status"] = {
    str(name): [int(value) for value in density.status_count.sel(status=name).sum("member")]
    for name in density.status.values
}
if len(sys.argv) > 2:
    ending = {name: series[-1] for name, series in facts["status"].items()}
    summary = json.loads(sys.argv[2])
    # The summary is of the last step; where that is no output time the two may differ.
    if iso(density.time.values)[-1] == density.attrs["time_coverage_end"]:
        assert ending == summary["status"], (ending, summary)
    assert sum(ending.values()) == summary["particles"], (ending, summary)

beaching_path = os.path.join(folder, "beaching.zarr")
if os.path.isdir(beaching_path):
    beaching = xr.open_zarr(beaching_path, chunks=None)
    beaching.load()
    stranded = beaching.stranded_count.sum(dim=["class", "coastal_cell"]).values
    per_member = density.status_count.sel(status="stranded").mean("member").values
    np.testing.assert_allclose(stranded, per_member, rtol=1e-6)
    assert (beaching.arrived_count.diff("time") >= 0).all()
    assert (beaching.arrived_count >= beaching.stranded_count).all()
    ending = beaching.stranded_count.isel(time=-1).sum("class")
    np.testing.assert_allclose(beaching.connectivity.sum("origin").values, ending.values, rtol=1e-6)
    assert {"lon", "lat"} <= set(beaching.coords)
    facts["countries"] = sorted(set(str(name) for name in beaching.country.values))

tracks_path = os.path.join(folder, "trajectories.zarr")
if os.path.isdir(tracks_path):
    tracks = xr.open_zarr(tracks_path, chunks=None)
    tracks.load()
    waiting = tracks.status.attrs["flag_meanings"].split().index("waiting")
    masked = tracks.lon.isnull()
    assert (masked == tracks.lat.isnull()).all()
    assert (masked == (tracks.status == waiting)).all(), "waiting particles must be masked"
    assert tracks.lon.dtype == np.float64 and tracks.status.dtype == np.uint8
    facts["trajectories"] = describe(tracks)
    facts["masked"] = int(masked.sum())
    facts["lonSum"] = float(tracks.lon.sum())
    facts["trackClasses"] = [str(name) for name in tracks["class"].values]
    facts["featureType"] = tracks.attrs["featureType"]

print(json.dumps(facts))
