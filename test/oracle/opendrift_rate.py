"""OpenDrift's RK4 on the files of scripts/bench.ts: the same fields, seeds and time step.

    python -m venv opendrift && opendrift/bin/pip install opendrift
    DRIFTMESH_OPENDRIFT_PYTHON=opendrift/bin/python npm run bench

Protocol as parcels_rate.py; the time is that of run(), which reads its blocks of forcing too.
"""

import json
import logging
import sys
import time
import warnings
from datetime import datetime, timedelta
from importlib.metadata import version

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
import numpy as np  # noqa: E402
from opendrift.models.oceandrift import OceanDrift  # noqa: E402
from opendrift.readers.reader_netCDF_CF_generic import Reader  # noqa: E402


def main(folder, step, steps):
    seeds = np.loadtxt(f"{folder}/seeds.csv", delimiter=",")
    print(json.dumps({"version": version("opendrift")}), flush=True)
    for line in sys.stdin:
        windage = float(line)
        drift = OceanDrift(loglevel=50)
        drift.add_reader([Reader(f"{folder}/{name}.nc") for name in ("current", "wind")])
        for key, value in {
            "environment:constant:land_binary_mask": 0,
            "drift:advection_scheme": "runge-kutta4",
            "drift:stokes_drift": False,
            "environment:constant:horizontal_diffusivity": 0,
            "drift:vertical_mixing": False,
            "general:coastline_action": "none",
        }.items():
            drift.set_config(key, value)
        drift.seed_elements(lon=seeds[:, 0], lat=seeds[:, 1], time=datetime(1970, 1, 1), z=0,
                            wind_drift_factor=windage)
        start = time.process_time()
        drift.run(time_step=timedelta(seconds=step), steps=steps,
                  time_step_output=timedelta(seconds=step * steps))
        seconds = time.process_time() - start
        places = np.column_stack([drift.elements.lon, drift.elements.lat])
        np.savetxt(f"{folder}/opendrift.csv", places[np.argsort(drift.elements.ID)], delimiter=",")
        print(json.dumps({"seconds": seconds}), flush=True)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
