"""Parcels 3.1 (JIT) on the files of scripts/bench.ts: the same fields, seeds and time step.

    python -m venv parcels && parcels/bin/pip install 'parcels<4'     (needs a C compiler)
    DRIFTMESH_PARCELS_PYTHON=parcels/bin/python npm run bench

Reads FOLDER/current.nc, wind.nc, seeds.csv (lon,lat); each line of input starts one round (a number:
the windage, 0 for currents alone) and is answered with the processor seconds of the steps alone, without compilation and
without reading files. Final positions go to FOLDER/parcels.csv.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")
import logging  # noqa: E402

logging.disable(logging.CRITICAL)
import numpy as np  # noqa: E402
from parcels import (  # noqa: E402
    AdvectionRK4, FieldSet, JITParticle, ParticleSet, Variable, VectorField
)
from parcels.tools.converters import Geographic, GeographicPolar  # noqa: E402


DIMENSIONS = {"lon": "lon", "lat": "lat", "time": "time"}
Drifter = JITParticle.add_variable(Variable("windage", dtype=np.float32))


def AdvectionRK4Wind(particle, fieldset, time):
    """Parcels' AdvectionRK4 with windage times wind in every stage, as the kernel has it."""
    (u1, v1) = fieldset.UV[particle]
    (a1, b1) = fieldset.UVwind[particle]
    u1 = u1 + particle.windage * a1
    v1 = v1 + particle.windage * b1
    lon1, lat1 = (particle.lon + u1 * 0.5 * particle.dt, particle.lat + v1 * 0.5 * particle.dt)
    (u2, v2) = fieldset.UV[time + 0.5 * particle.dt, particle.depth, lat1, lon1, particle]
    (a2, b2) = fieldset.UVwind[time + 0.5 * particle.dt, particle.depth, lat1, lon1, particle]
    u2 = u2 + particle.windage * a2
    v2 = v2 + particle.windage * b2
    lon2, lat2 = (particle.lon + u2 * 0.5 * particle.dt, particle.lat + v2 * 0.5 * particle.dt)
    (u3, v3) = fieldset.UV[time + 0.5 * particle.dt, particle.depth, lat2, lon2, particle]
    (a3, b3) = fieldset.UVwind[time + 0.5 * particle.dt, particle.depth, lat2, lon2, particle]
    u3 = u3 + particle.windage * a3
    v3 = v3 + particle.windage * b3
    lon3, lat3 = (particle.lon + u3 * particle.dt, particle.lat + v3 * particle.dt)
    (u4, v4) = fieldset.UV[time + particle.dt, particle.depth, lat3, lon3, particle]
    (a4, b4) = fieldset.UVwind[time + particle.dt, particle.depth, lat3, lon3, particle]
    u4 = u4 + particle.windage * a4
    v4 = v4 + particle.windage * b4
    particle_dlon += (u1 + 2 * u2 + 2 * u3 + u4) / 6.0 * particle.dt  # noqa
    particle_dlat += (v1 + 2 * v2 + 2 * v3 + v4) / 6.0 * particle.dt  # noqa


def read(folder, has_wind):
    path = f"{folder}/current.nc"
    fields = FieldSet.from_netcdf({"U": path, "V": path}, {"U": "uo", "V": "vo"}, DIMENSIONS,
                                  deferred_load=False)
    if has_wind:
        path = f"{folder}/wind.nc"
        wind = FieldSet.from_netcdf({"U": path, "V": path}, {"U": "u10", "V": "v10"}, DIMENSIONS,
                                    deferred_load=False)
        for field, name, units in ((wind.U, "Uwind", GeographicPolar()),
                                   (wind.V, "Vwind", Geographic())):
            field.name = name
            field.units = units
            fields.add_field(field)
        fields.add_vector_field(VectorField("UVwind", fields.Uwind, fields.Vwind))
    return fields


def main(folder, step, steps):
    seeds = np.loadtxt(f"{folder}/seeds.csv", delimiter=",")
    print(json.dumps({"version": version("parcels")}), flush=True)
    for line in sys.stdin:
        windage = float(line)
        fields = read(folder, windage > 0)

        def particles(places):
            return ParticleSet(fields, pclass=Drifter, lon=places[:, 0], lat=places[:, 1], time=0,
                               windage=np.full(len(places), windage, dtype=np.float32))

        warm = particles(seeds[:8])
        kernel = warm.Kernel(AdvectionRK4Wind if windage > 0 else AdvectionRK4)
        warm.execute(kernel, runtime=step, dt=step, verbose_progress=False)
        drift = particles(seeds)
        start = time.process_time()
        drift.execute(kernel, runtime=step * steps, dt=step, verbose_progress=False)
        seconds = time.process_time() - start
        # Parcels 3 applies the last displacement when the next loop begins.
        last = [drift.particledata.data[f"{name}_nextloop"] for name in ("lon", "lat")]
        np.savetxt(f"{folder}/parcels.csv", np.column_stack(last), delimiter=",")
        print(json.dumps({"seconds": seconds}), flush=True)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
