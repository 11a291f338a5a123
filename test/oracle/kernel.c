/*
 * The drift kernel a second time, in C: the algorithm and the bits of kernel/README.md, written
 * from that specification, compiled by the system compiler. It reads a unit file (unit-file.ts),
 * runs it and writes the state. An oracle for the module and the native baseline of the bench.
 *
 *   cc -O3 -march=native -ffp-contract=off -fwrapv -o kernel kernel.c && ./kernel UNIT STATE [ROUNDS]
 *
 * No fused multiply-add: the module has none. Little-endian hosts, gcc >= 12 or clang.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));

#ifdef __SSE2__
#include <immintrin.h>
static inline f32x4 smaller(f32x4 a, f32x4 b) { return (f32x4)_mm_min_ps((__m128)a, (__m128)b); }
static inline f32x4 larger(f32x4 a, f32x4 b) { return (f32x4)_mm_max_ps((__m128)a, (__m128)b); }
#else
static inline f32x4 pick(i32x4 mask, f32x4 a, f32x4 b) {
  return (f32x4)(((i32x4)a & mask) | ((i32x4)b & ~mask));
}
static inline f32x4 smaller(f32x4 a, f32x4 b) { return pick(a < b, a, b); }
static inline f32x4 larger(f32x4 a, f32x4 b) { return pick(a > b, a, b); }
#endif
#define SHUFFLE __builtin_shufflevector
#define SPLAT(x) ((f32x4){(x), (x), (x), (x)})

enum { QUANTA = 1 << 20, HALO = 2, BATCH = 16, SORT_STEPS = 144, ROLES = 3 };
enum { WAITING, AFLOAT, STRANDED, OUTSIDE, RETIRED, MISSING };
enum { RK4, RK2, EULER };
static const float HOLE = 1e30f, HOLE_MIN = 1e29f, HOLE_QUANTA = 1e12f, MAGIC = 12582912.0f;

/* Head of a unit file; every number little-endian. */
struct head {
  int32_t columns, rows, is_periodic;
  int32_t crop_column, crop_row, crop_columns, crop_rows, is_ring;
  int32_t roles, scheme, is_relative, first_step, step_count;
  int32_t count;
  uint32_t first_particle, key0, key1;
  int32_t slices[ROLES];
  double step_seconds, diffusivity;
  double windage[64][2];
};

/* 18 bytes of a stored particle; windage is a share of its class's range. */
struct __attribute__((packed)) row {
  uint32_t fraction_x, fraction_y;
  int16_t cell_x, cell_y;
  uint16_t release, windage;
  uint8_t status, class;
};

/* Slices around one half step of one role. */
struct bracket { double seconds, time, next_time; int32_t index, next; };

/* A particle afloat: quanta from the crop's first node, windage, place in the table. */
typedef union {
  struct { int32_t x, y; float windage; int32_t row; };
  i32x4 v;
} particle;
typedef union { float lane[4]; f32x4 v; } rest;

static struct head head;
static int width, height;
static uint8_t *land;
static float *metric;
static float *slices[ROLES];
static struct bracket *brackets;
static f32x4 *records[3];
static struct row *table;
static particle *afloat, *spare;
static struct { float x, y; } *rests, *spare_rests;
static uint64_t *cells, *spare_cells;
static int afloat_count, next_release;
static float noise_scale;

static void fail(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static void *bytes(size_t n) {
  void *at = aligned_alloc(64, (n + 127) & ~(size_t)63);
  if (at == NULL) fail("memory");
  return at;
}

static void *take(FILE *file, size_t n) {
  void *at = bytes(n);
  if (fread(at, 1, n, file) != n) fail("the unit file ends early");
  return at;
}

/* ---- Threefry2x32-20 (Salmon et al. 2011) ---- */

static inline uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

static uint64_t threefry(uint32_t k0, uint32_t k1, uint32_t c0, uint32_t c1) {
  static const int turns[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  const uint32_t key[3] = {k0, k1, 0x1bd11bda ^ k0 ^ k1};
  uint32_t x0 = c0 + k0, x1 = c1 + k1;
  for (int round = 0; round < 20; round++) {
    x0 += x1;
    x1 = rotate(x1, turns[round % 8]) ^ x0;
    if (round % 4 == 3) {
      const int group = round / 4 + 1;
      x0 += key[group % 3];
      x1 += key[(group + 1) % 3] + (uint32_t)group;
    }
  }
  return (uint64_t)x1 << 32 | x0;
}

/* ---- Packing: m/s on the nodes -> quanta per step ---- */

static void pack(int half, f32x4 *record) {
  const size_t nodes = (size_t)width * height;
  const float scale = (float)(head.step_seconds * QUANTA);
  const float *from[ROLES], *to[ROLES];
  float weight[ROLES];
  for (int role = 0; role < ROLES; role++) {
    const struct bracket *b = &brackets[half * ROLES + role];
    if (!(head.roles >> role & 1)) continue;
    from[role] = slices[role] + (size_t)b->index * 2 * nodes;
    to[role] = slices[role] + (size_t)b->next * 2 * nodes;
    weight[role] = b->seconds == b->time
      ? 0 : (float)((b->seconds - b->time) / (b->next_time - b->time));
  }
  for (size_t node = 0; node < nodes; node++) {
    float uv[ROLES][2] = {{0}};
    int hole[ROLES] = {0};
    for (int role = 0; role < ROLES; role++) {
      if (!(head.roles >> role & 1)) continue;
      for (int part = 0; part < 2; part++) {
        const float a = from[role][node + part * nodes], b = to[role][node + part * nodes];
        hole[role] |= fabsf(a) >= HOLE_MIN || fabsf(b) >= HOLE_MIN;
        uv[role][part] = a + weight[role] * (b - a);
      }
    }
    const float *m = metric + node * 4;
    const float x_east = m[0] * scale, x_north = m[1] * scale;
    const float y_east = m[2] * scale, y_north = m[3] * scale;
    float u = uv[0][0], v = uv[0][1], wind_u = uv[1][0], wind_v = uv[1][1];
    if (head.roles & 4) u = u + uv[2][0], v = v + uv[2][1];
    float out[4] = {x_east * u + x_north * v, y_east * u + y_north * v, 0, 0};
    if (hole[0] || hole[2]) out[0] = out[1] = HOLE;
    if (head.roles & 2) {
      if (head.is_relative) wind_u = wind_u - uv[0][0], wind_v = wind_v - uv[0][1];
      out[2] = x_east * wind_u + x_north * wind_v;
      out[3] = y_east * wind_u + y_north * wind_v;
      if (hole[1]) out[2] = out[3] = HOLE;
    }
    memcpy(&record[node], out, 16);
  }
}

/* ---- Advection ---- */

static inline f32x4 bilinear(const f32x4 *field, i32x4 position) {
  const i32x4 cell = position >> 20;
  const f32x4 fraction =
    __builtin_convertvector(position & (QUANTA - 1), f32x4) * SPLAT(1.0f / QUANTA);
  const f32x4 *at = field + (ptrdiff_t)(cell[1] * width + cell[0]);
  const f32x4 fx = SHUFFLE(fraction, fraction, 0, 0, 0, 0);
  const f32x4 fy = SHUFFLE(fraction, fraction, 1, 1, 1, 1);
  const f32x4 low = at[0] + fx * (at[1] - at[0]);
  const f32x4 high = at[width] + fx * (at[width + 1] - at[width]);
  return low + fy * (high - low);
}

static inline f32x4 velocity(const f32x4 *record, i32x4 position, f32x4 windage) {
  const f32x4 value = bilinear(record, position);
  return value + windage * SHUFFLE(value, value, 2, 3, 2, 3);
}

static inline i32x4 to_quanta(f32x4 displacement) {
  const f32x4 bounded = larger(smaller(displacement, SPLAT(QUANTA)), SPLAT(-QUANTA));
  return (i32x4)(bounded + SPLAT(MAGIC)) - (i32x4)SPLAT(MAGIC);
}

static inline f32x4 magnitude(f32x4 x) { return (f32x4)((i32x4)x & 0x7fffffff); }
static inline f32x4 windage_of(i32x4 p) { return (f32x4)SHUFFLE(p, p, 2, 2, 2, 2); }

/* Displacements and largest stages of a batch. */
static void displace(const particle *p, int n, int step, f32x4 *sum, f32x4 *peak, ptrdiff_t origin) {
  const f32x4 *now = records[0] + origin, *half = records[1] + origin, *next = records[2] + origin;
  i32x4 stage[BATCH];
  for (int i = 0; i < n; i++) {
    const f32x4 k = velocity(now, p[i].v, windage_of(p[i].v));
    sum[i] = k;
    peak[i] = magnitude(k);
    stage[i] = p[i].v + to_quanta(k * SPLAT(0.5f));
  }
  if (head.scheme == RK2) {
    for (int i = 0; i < n; i++) {
      sum[i] = velocity(half, stage[i], windage_of(p[i].v));
      peak[i] = larger(peak[i], magnitude(sum[i]));
    }
  }
  if (head.scheme == RK4) {
    for (int i = 0; i < n; i++) {
      const f32x4 k = velocity(half, stage[i], windage_of(p[i].v));
      sum[i] += k * SPLAT(2);
      peak[i] = larger(peak[i], magnitude(k));
      stage[i] = p[i].v + to_quanta(k * SPLAT(0.5f));
    }
    for (int i = 0; i < n; i++) {
      const f32x4 k = velocity(half, stage[i], windage_of(p[i].v));
      sum[i] += k * SPLAT(2);
      peak[i] = larger(peak[i], magnitude(k));
      stage[i] = p[i].v + to_quanta(k);
    }
    for (int i = 0; i < n; i++) {
      const f32x4 k = velocity(next, stage[i], windage_of(p[i].v));
      sum[i] = (sum[i] + k) / SPLAT(6);
      peak[i] = larger(peak[i], magnitude(k));
    }
  }
  if (!(head.diffusivity > 0)) return;
  for (int i = 0; i < n; i++) {
    const uint64_t word = threefry(
      head.key0, head.key1, head.first_particle + (uint32_t)p[i].row, (uint32_t)step * 256);
    const uint32_t a = (uint32_t)word, b = (uint32_t)(word >> 32);
    const float east = (float)((int32_t)((a & 0xffff) + (a >> 16)) - 65535) * noise_scale;
    const float north = (float)((int32_t)((b & 0xffff) + (b >> 16)) - 65535) * noise_scale;
    const f32x4 m = bilinear((const f32x4 *)metric + origin, p[i].v);
    const f32x4 pair = m * (f32x4){east, north, east, north};
    sum[i] += (f32x4){pair[0] + pair[1], pair[3] + pair[2], 0, 0};
  }
}

static int edge(int32_t x, int nodes, int is_first, int is_last) {
  if (x < 0) return is_first ? 1 : 2;
  if (x > (nodes - 1) << 20) return is_last ? 1 : 2;
  return 0;
}

/* Status of a working position; -1 is the open sea. */
static int fate_of(int32_t x, int32_t y) {
  const int is_open = head.is_periodic;
  const int by_y = edge(y, head.crop_rows, head.crop_row == 0,
    head.crop_row + head.crop_rows == head.rows);
  const int by_x = head.is_ring ? 0 : edge(x, head.crop_columns,
    !is_open && head.crop_column == 0,
    !is_open && head.crop_column + head.crop_columns == head.columns);
  if (by_x == 1 || by_y == 1) return OUTSIDE;
  if (by_x == 2 || by_y == 2) fail("reach");
  const int column = ((x + QUANTA / 2) >> 20) + HALO, row = ((y + QUANTA / 2) >> 20) + HALO;
  return land[(size_t)row * width + column] ? STRANDED : -1;
}

static int32_t wrap(int32_t cell) {
  if (!head.is_periodic) return cell;
  const int32_t left = cell % head.columns;
  return left < 0 ? left + head.columns : left;
}

static void store(int row, int32_t x, int32_t y, float rest_x, float rest_y, int status) {
  const int64_t stored_x = ((int64_t)x << 12) + (int64_t)(rest_x * 4096);
  const int64_t stored_y = ((int64_t)y << 12) + (int64_t)(rest_y * 4096);
  table[row].cell_x = wrap((int32_t)(stored_x >> 32) + head.crop_column);
  table[row].fraction_x = (uint32_t)stored_x;
  table[row].cell_y = (int32_t)(stored_y >> 32) + head.crop_row;
  table[row].fraction_y = (uint32_t)stored_y;
  table[row].status = (uint8_t)status;
}

static void advance(int step) {
  const ptrdiff_t origin = (ptrdiff_t)HALO * width + HALO;
  const int32_t ring = head.crop_columns << 20;
  int kept = 0;
  f32x4 sum[BATCH], peak[BATCH];
  for (int first = 0; first < afloat_count; first += BATCH) {
    const int n = afloat_count - first < BATCH ? afloat_count - first : BATCH;
    displace(afloat + first, n, step, sum, peak, origin);
    for (int i = 0; i < n; i++) {
      particle p = afloat[first + i];
      const f32x4 rest = {rests[first + i].x, rests[first + i].y, 0, 0};
      const f32x4 top = larger(peak[i], magnitude(sum[i]));
      if (top[0] > QUANTA || top[1] > QUANTA) {
        if (!(top[0] > HOLE_QUANTA || top[1] > HOLE_QUANTA)) fail("speed");
        store(p.row, p.x, p.y, rest[0], rest[1], MISSING);
        continue;
      }
      const f32x4 wanted = sum[i] + rest, shifted = wanted + SPLAT(MAGIC);
      const f32x4 over = wanted - (shifted - SPLAT(MAGIC));
      const f32x4 whole = (over * SPLAT(4096) + SPLAT(MAGIC)) - SPLAT(MAGIC);
      const f32x4 units = whole * SPLAT(1.0f / 4096);
      const i32x4 carry = units >= SPLAT(0.5f);
      const f32x4 left = units - (f32x4)((i32x4)SPLAT(1) & carry);
      const i32x4 moved = p.v + ((i32x4)shifted - (i32x4)SPLAT(MAGIC) - carry);
      int32_t x = moved[0];
      if (head.is_ring) x = x < 0 ? x + ring : x >= ring ? x - ring : x;
      const int fate = fate_of(x, moved[1]);
      if (fate >= 0) {
        store(p.row, x, moved[1], left[0], left[1], fate);
        continue;
      }
      p.x = x;
      p.y = moved[1];
      afloat[kept] = p;
      rests[kept].x = left[0];
      rests[kept++].y = left[1];
    }
  }
  afloat_count = kept;
}

/* ---- Release, sorting, state ---- */

static int64_t quanta_of(int32_t cell, uint32_t fraction, float *left) {
  const int64_t stored = ((int64_t)cell << 32) | fraction;
  const int64_t quanta = (stored + 2048) >> 12;
  *left = (float)(stored - (quanta << 12)) * (1.0f / 4096);
  return quanta;
}

static void activate(int row) {
  struct row *stored = &table[row];
  float left_x, left_y;
  int32_t cell = stored->cell_x - head.crop_column;
  if (head.is_periodic) cell = wrap(cell);
  int64_t x = quanta_of(cell, stored->fraction_x, &left_x);
  if (head.is_ring && x >= (int64_t)head.crop_columns << 20) x -= (int64_t)head.crop_columns << 20;
  const int64_t y = quanta_of(stored->cell_y - head.crop_row, stored->fraction_y, &left_y);
  const double *range = head.windage[stored->class];
  const float windage =
    (float)(range[0] + stored->windage * (1.0 / 65535.0) * (range[1] - range[0]));
  rests[afloat_count].x = left_x;
  rests[afloat_count].y = left_y;
  afloat[afloat_count++] =
    (particle){{.x = (int32_t)x, .y = (int32_t)y, .windage = windage, .row = row}};
  stored->status = AFLOAT;
}

static void release(int step) {
  if (step < next_release) return;
  next_release = INT32_MAX;
  for (int row = 0; row < head.count; row++) {
    if (table[row].status != WAITING) continue;
    if (table[row].release <= step) activate(row);
    else if (table[row].release < next_release) next_release = table[row].release;
  }
}

static uint32_t spread(uint32_t x) {
  x = (x | x << 8) & 0x00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f;
  x = (x | x << 2) & 0x33333333;
  return (x | x << 1) & 0x55555555;
}

/* Morton order by two counting passes; the order decides nothing but speed. */
static void sort_afloat(void) {
  enum { DIGITS = 1 << 11 };
  static uint32_t ends[2][DIGITS];
  memset(ends, 0, sizeof ends);
  for (int i = 0; i < afloat_count; i++) {
    const uint32_t x = (uint32_t)(afloat[i].x >> 20), y = (uint32_t)(afloat[i].y >> 20);
    cells[i] = (uint64_t)(spread(y) << 1 | spread(x)) << 32 | (uint32_t)i;
    ends[0][cells[i] >> 32 & (DIGITS - 1)]++;
    ends[1][cells[i] >> 43 & (DIGITS - 1)]++;
  }
  for (int pass = 0; pass < 2; pass++) {
    const uint64_t *from = pass ? spare_cells : cells;
    uint64_t *to = pass ? cells : spare_cells;
    for (int i = 1; i < DIGITS; i++) ends[pass][i] += ends[pass][i - 1];
    for (int i = afloat_count - 1; i >= 0; i--)
      to[--ends[pass][from[i] >> (32 + 11 * pass) & (DIGITS - 1)]] = from[i];
  }
  for (int i = 0; i < afloat_count; i++) {
    spare[i] = afloat[(uint32_t)cells[i]];
    spare_rests[i] = rests[(uint32_t)cells[i]];
  }
  void *swap = afloat;
  afloat = spare;
  spare = swap;
  swap = rests;
  rests = spare_rests;
  spare_rests = swap;
}

static double now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The whole unit once; returns the particle-steps. */
static double run(void) {
  double fuel = 0;
  afloat_count = 0;
  next_release = INT32_MIN;
  for (int row = 0; row < head.count; row++) if (table[row].status == AFLOAT) activate(row);
  release(head.first_step);
  pack(0, records[0]);
  for (int i = 0; i < head.step_count; i++) {
    pack(2 * i + 1, records[1]);
    pack(2 * i + 2, records[2]);
    if (i % SORT_STEPS == 0) sort_afloat();
    fuel += afloat_count;
    advance(head.first_step + i);
    f32x4 *swap = records[0];
    records[0] = records[2];
    records[2] = swap;
    release(head.first_step + i + 1);
  }
  for (int i = 0; i < afloat_count; i++)
    store(afloat[i].row, afloat[i].x, afloat[i].y, rests[i].x, rests[i].y, AFLOAT);
  return fuel;
}

int main(int argc, char **argv) {
  if (argc < 3) fail("usage: kernel UNIT STATE [ROUNDS]");
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL || fread(&head, sizeof head, 1, file) != 1) fail("no unit file");
  width = head.crop_columns + 2 * HALO;
  height = head.crop_rows + 2 * HALO;
  const size_t nodes = (size_t)width * height, count = (size_t)head.count;
  struct row *initial = take(file, count * sizeof *initial);
  land = take(file, (nodes + 3) & ~(size_t)3);
  metric = take(file, nodes * 16);
  for (int role = 0; role < ROLES; role++)
    slices[role] = take(file, (size_t)head.slices[role] * nodes * 8);
  brackets = take(file, (size_t)(2 * head.step_count + 1) * ROLES * sizeof *brackets);
  fclose(file);
  for (int i = 0; i < 3; i++) records[i] = bytes(nodes * 16);
  table = bytes(count * sizeof *table);
  afloat = bytes(count * sizeof *afloat);
  spare = bytes(count * sizeof *spare);
  rests = bytes(count * sizeof *rests);
  spare_rests = bytes(count * sizeof *spare_rests);
  cells = bytes(count * sizeof *cells);
  spare_cells = bytes(count * sizeof *cells);
  const double deviation = sqrt(2.0 * head.diffusivity * fabs(head.step_seconds));
  noise_scale = (float)(deviation / sqrt((65536.0 * 65536.0 - 1.0) / 6.0) * QUANTA);
  const int rounds = argc > 3 ? atoi(argv[3]) : 1;
  for (int round = 0; round < rounds; round++) {
    memcpy(table, initial, count * sizeof *table);
    const double start = now_seconds();
    const double fuel = run();
    printf("{\"seconds\":%.6f,\"fuel\":%.0f}\n", now_seconds() - start, fuel);
  }
  file = fopen(argv[2], "wb");
  if (file == NULL || fwrite(table, sizeof *table, count, file) != count) fail("cannot write");
  fclose(file);
  return 0;
}
