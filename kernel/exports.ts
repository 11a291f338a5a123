/**
 * Types of the module's exports (assembly/index.ts). Addresses are byte offsets into the one
 * linear memory; flags are 0 or 1; codes are indices of FAULTS.
 */

/** The layout this host speaks (assembly/layout.ts). */
export const LAYOUT_VERSION = 2

export interface ModuleExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  layoutVersion(): number
  reset(): void
  reserve(bytes: number): number
  setParent(columns: number, rows: number, isPeriodic: number, isFlat: number): void
  setAxes(longitudes: number, latitudes: number): void
  useNodes(): void
  setParentNodes(at: number): void
  setCrop(column: number, row: number, columns: number, rows: number): void
  setClock(stepSeconds: number, firstStep: number): void
  setPhysics(scheme: number, diffusivity: number, isWindRelative: number, roleMask: number): void
  setVertical(isGeneral: number, isMixed: number, period: number): void
  setForces(currentFactor: number, stokesOfWind: number, isDiffusivityField: number): void
  setNoise(hasNoise: number, deviation: number, timescale: number): void
  setLevels(count: number): void
  setLevelDepth(level: number, metres: number): void
  setCoast(
    rule: number,
    beachingSeconds: number,
    refloatSeconds: number,
    zone: number,
    isKnown: number,
    origins: number
  ): void
  setRetirement(maxAgeSteps: number, halfLifeSeconds: number): void
  setKey(key0: number, key1: number): void
  setDensity(
    west: number,
    south: number,
    resolution: number,
    columns: number,
    rows: number,
    classCount: number
  ): void
  setParticles(
    count: number,
    firstParticle: number,
    classCount: number,
    releaseShift: number,
    trackedRows: number,
    fuelMax: number
  ): void
  setClass(
    index: number,
    windageLow: number,
    windageHigh: number,
    riseVelocity: number,
    depth: number
  ): void
  allocate(): number
  longitudesAt(): number
  latitudesAt(): number
  landRegion(): number
  metricRegion(): number
  stateRegion(): number
  distanceRegion(): number
  coastalCellRegion(): number
  originRegion(): number
  beachedRegion(): number
  triplesRegion(): number
  tracksRegion(): number
  stagingAt(role: number, index: number, component: number): number
  takeSlice(role: number, index: number): void
  setForm(kind: number): void
  stride(): number
  paddedRows(): number
  paddedColumns(): number
  begin(): number
  bracket(role: number, slice: number, seconds: number, time: number, nextTime: number): void
  packRecord(half: number): void
  advance(): number
  fuelUsed(): number
  faultParticle(): number
  storeState(): void
  countStatuses(): void
  countOf(status: number): number
  countDensity(): number
  countBeached(): number
  writeTracks(): void
  bound(which: number): number
  memberStandard(key0: number, key1: number, which: number): number
  memberUniform(key0: number, key1: number, which: number): number
  viscosity(temperature: number, salinity: number, c: number): number
  speedOfSize(size: number): number
  riseVelocity(
    diameter: number,
    density: number,
    waterDensity: number,
    dynamicViscosity: number
  ): number
  stokesShare(depth: number, period: number): number
  periodOfWind(speed: number): number
  mixingDepth(speed: number, riseVelocity: number): number
  threefryBlock(key0: number, key1: number, counter0: number, counter1: number): bigint
  writeNodeMetric(
    longitudes: number,
    columns: number,
    latitudes: number,
    rows: number,
    metric: number,
    out: number
  ): void
  cellArea(south: number, height: number, width: number, metric: number): number
  setSeed(seed0: number, seed1: number, land: number, metric: number): void
  seedParticle(
    id: number,
    lon: number,
    lat: number,
    radius: number,
    releaseStep: number,
    classIndex: number,
    at: number
  ): number
  setProjection(
    kind: number,
    semiMajor: number,
    eccentricity2: number,
    latOrigin: number,
    lonOrigin: number,
    first: number,
    second: number,
    scale: number,
    easting: number,
    northing: number
  ): void
  projectPairs(at: number, count: number, isForward: number): void
  toDirections(at: number, count: number): void
  writeGridMetric(
    lonLats: number,
    width: number,
    height: number,
    metric: number,
    points: number,
    metricAt: number,
    frameAt: number
  ): void
  locatePairs(at: number, count: number, margin: number): void
}
