#!/usr/bin/python3
"""Prints the values that readers.spec.ts and ingest.spec.ts hold as constants.

An independent reader (netCDF4-python over the C library) looks at the same files:
    /usr/bin/python3 test/unit/forcing/reference-values.py ../shared/data
"""
import sys
import netCDF4
import numpy as np

DATA = sys.argv[1]
# file, variable, index
RAW = [
    ("medslik-cases/elba/currents/Sea_Med_slice_20140518_Elba.nc", "uo", (5, 0, 3, 7)),
    ("medslik-cases/elba/currents/Sea_Med_slice_20140518_Elba.nc", "vo", (23, 2, 16, 0)),
    ("medslik-cases/elba/currents/Sea_Med_slice_20140518_Elba.nc", "depth", (3,)),
    ("medslik-cases/elba/wind/Wind_Med_slice_18_Elba.nc", "U10M", (2, 0, 4)),
    ("medslik-cases/algeria/currents/Sea_Med_slice_20080806_Algeria.nc", "vo", (11, 1, 20, 30)),
    ("pygnome/gridded_current.nc", "water_v", (16, 40, 2)),
    ("pygnome/GFS_Global_0p25deg.nc", "air_u", (3, 6, 1)),
    ("opendrift/Arctic20_1to5Feb_2016.nc", "u", (2, 3, 25, 45)),
    ("opendrift/Arctic20_1to5Feb_2016.nc", "aice", (4, 1, 0)),
    ("plasticparcels/test_waves_2020-01-04.nc", "ust", (5, 7)),
    ("parcels-data/GlobCurrent/20020101000000-GLOBCURRENT-L4-CUReul_hs-ALT_SUM-v02.0-fv01.0.nc",
     "eastward_eulerian_current_velocity", (0, 20, 40)),
]
for name, variable, index in RAW:
    data = netCDF4.Dataset(f"{DATA}/{name}")
    data.set_auto_maskandscale(False)
    print(name, variable, index, repr(float(data[variable][index])))

print("-- Elba, surface, all files: masked at every time; speed; one interpolated wind")
files = [f"{DATA}/medslik-cases/elba/currents/Sea_Med_slice_201405{d}_Elba.nc" for d in range(17, 22)]
u = np.ma.concatenate([netCDF4.Dataset(f)["uo"][:, 0] for f in files])
v = np.ma.concatenate([netCDF4.Dataset(f)["vo"][:, 0] for f in files])
print("sea nodes", int((~np.ma.getmaskarray(u).all(axis=0)).sum()), "max speed", repr(float(np.hypot(u.astype("f8"), v.astype("f8")).max())))
wind = netCDF4.Dataset(f"{DATA}/medslik-cases/elba/wind/Wind_Med_slice_18_Elba.nc")
w = wind["U10M"][0].astype("f8")  # rows from 43.5 N down to 42.5 N, columns 9.5 to 10.5 E, every 0.25 degrees
lat, lon = 42.8125, 9.9375
y, x = (43.5 - lat) / 0.25, (lon - 9.5) / 0.25
j, i = int(y), int(x)
fy, fx = y - j, x - i
value = (1 - fy) * ((1 - fx) * w[j, i] + fx * w[j, i + 1]) + fy * ((1 - fx) * w[j + 1, i] + fx * w[j + 1, i + 1])
print("U10M at 42.8125 N 9.9375 E, first time", repr(float(value)))
w8 = netCDF4.Dataset(f"{DATA}/plasticparcels/test_waves_2020-01-04.nc")["ust"][:]
print("ust min mean max", repr(float(w8.min())), repr(float(w8.mean())), repr(float(w8.max())))
