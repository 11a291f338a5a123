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
typedef int8_t i8x4 __attribute__((vector_size(4)));

#ifdef __SSE2__
#include <immintrin.h>
static inline f32x4 smaller(f32x4 a, f32x4 b) { return (f32x4)_mm_min_ps((__m128)a, (__m128)b); }
static inline f32x4 larger(f32x4 a, f32x4 b) { return (f32x4)_mm_max_ps((__m128)a, (__m128)b); }
#else
static inline f32x4 choose(i32x4 mask, f32x4 a, f32x4 b) {
  return (f32x4)(((i32x4)a & mask) | ((i32x4)b & ~mask));
}
static inline f32x4 smaller(f32x4 a, f32x4 b) { return choose(a < b, a, b); }
static inline f32x4 larger(f32x4 a, f32x4 b) { return choose(a > b, a, b); }
#endif
#define SHUFFLE __builtin_shufflevector
#define SPLAT(x) ((f32x4){(x), (x), (x), (x)})
#define SPLAT_INT(x) ((i32x4){(x), (x), (x), (x)})
static inline i32x4 least(i32x4 a, i32x4 b) { return (a & (a < b)) | (b & ~(a < b)); }

enum { QUANTA = 1 << 20, HALO = 2, BATCH = 4, SORT_STEPS = 144, ROLES = 3 };
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

/* Four particles afloat: quanta from the crop's first node, windage, place in the table. */
typedef struct { i32x4 x, y; f32x4 windage; i32x4 row; } block;
/* What rounding to quanta left over, in 1/256. */
typedef struct { i8x4 x, y; } rest;

static struct head head;
static int width, height;
static uint8_t *land;
static float *metric;
static float *slices[ROLES];
/* Slices as pairs of quanta per step, two at a time per role; the largest component of each. */
static float *pairs[ROLES][2];
static int held[ROLES][2];
static float peaks[ROLES][2];
static struct bracket *brackets;
/* Pairs [U, V], and behind them pairs [Uw, Vw]; bounds of what each was formed from. */
static float *records[3];
static float bounds[3];
static int is_folded;
static float windage_high, walk_bound;
static struct row *table;
static block *afloat, *spare;
static rest *rests, *spare_rests;
static uint32_t *ended;
static int ended_count;
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

/* The pairs of a slice, made when it is first needed; slice i lives in slot i mod 2. */
static const float *pairs_of(int role, int slice) {
  const int slot = slice & 1;
  float *out = pairs[role][slot];
  if (held[role][slot] == slice) return out;
  held[role][slot] = slice;
  const size_t nodes = (size_t)width * height;
  const float *east = slices[role] + (size_t)slice * 2 * nodes, *north = east + nodes;
  const float scale = (float)(head.step_seconds * QUANTA);
  float peak = 0;
  for (size_t node = 0; node < nodes; node++) {
    const float *m = metric + node * 4, u = east[node], v = north[node];
    const int hole = fabsf(u) >= HOLE_MIN || fabsf(v) >= HOLE_MIN;
    const float x = hole ? HOLE : m[0] * scale * u + m[1] * scale * v;
    const float y = hole ? HOLE : m[2] * scale * u + m[3] * scale * v;
    out[node * 2] = x;
    out[node * 2 + 1] = y;
    peak = fmaxf(peak, fmaxf(fabsf(x), fabsf(y)));
  }
  peaks[role][slot] = peak;
  return out;
}

static float peak_of(int role) { return fmaxf(peaks[role][0], peaks[role][1]); }

static void copy_place(int from, int to) {
  const block *a = &afloat[from >> 2];
  block *b = &afloat[to >> 2];
  b->x[to & 3] = a->x[from & 3];
  b->y[to & 3] = a->y[from & 3];
  b->windage[to & 3] = a->windage[from & 3];
  b->row[to & 3] = a->row[from & 3];
  rests[to >> 2].x[to & 3] = rests[from >> 2].x[from & 3];
  rests[to >> 2].y[to & 3] = rests[from >> 2].y[from & 3];
}

static inline f32x4 load(const float *at) {
  f32x4 v;
  memcpy(&v, at, sizeof v);
  return v;
}

static inline f32x4 magnitude(f32x4 x) { return (f32x4)((i32x4)x & 0x7fffffff); }

static inline f32x4 pick(i32x4 mask, f32x4 a, f32x4 b) {
  return (f32x4)(((i32x4)a & mask) | ((i32x4)b & ~mask));
}

__attribute__((always_inline)) static inline void pack_row(
    const float *const *from, const float *const *to, const float *weight, float *record,
    size_t first, size_t end, int has_holes) {
  const int has_wind = head.roles >> 1 & 1, has_stokes = head.roles >> 2 & 1;
  const int is_relative = head.is_relative, folded = is_folded;
  const f32x4 hole = SPLAT(HOLE), factor = SPLAT(windage_high);
  float *winds = record + (size_t)width * height * 2;
#define BETWEEN(role) \
  (load(from[role] + i) + SPLAT(weight[role]) * (load(to[role] + i) - load(from[role] + i)))
#define IS_HOLE(role) ((magnitude(load(from[role] + i)) >= SPLAT(HOLE_MIN)) | \
  (magnitude(load(to[role] + i)) >= SPLAT(HOLE_MIN)))
  for (size_t i = first; i < end; i += 4) {
    const f32x4 current = BETWEEN(0);
    f32x4 sum = has_stokes ? current + BETWEEN(2) : current;
    i32x4 holes = {0};
    if (has_holes) {
      holes = IS_HOLE(0);
      if (has_stokes) holes |= IS_HOLE(2);
      sum = pick(holes, hole, sum);
    }
    if (has_wind) {
      f32x4 wind = BETWEEN(1);
      if (is_relative) wind = wind - current;
      if (has_holes) wind = pick(holes | IS_HOLE(1), hole, wind);
      if (folded) sum = sum + factor * wind;
      else memcpy(winds + i, &wind, 16);
    }
    memcpy(record + i, &sum, 16);
  }
}

/* Nodes of crop and halo that particles afloat can read in a step; all while some are waiting. */
static void box_of(int *x0, int *y0, int *x1, int *y1) {
  i32x4 low_x = SPLAT_INT(INT32_MAX), low_y = low_x, high_x = SPLAT_INT(INT32_MIN), high_y = high_x;
  const int stop = next_release < INT32_MAX || head.is_ring ? 0 : (afloat_count + 3) / 4;
  for (int i = afloat_count; stop > 0 && i & 3; i++) copy_place(afloat_count - 1, i);
  for (int i = 0; i < stop; i++) {
    low_x = least(low_x, afloat[i].x);
    low_y = least(low_y, afloat[i].y);
    high_x = ~least(~high_x, ~afloat[i].x);
    high_y = ~least(~high_y, ~afloat[i].y);
  }
  *x0 = *y0 = 0;
  *x1 = width - 1;
  *y1 = height - 1;
  for (int lane = 0; stop > 0 && lane < 4; lane++) {
    const int left = (low_x[lane] >> 20) + HALO - 1, right = (high_x[lane] >> 20) + HALO + 2;
    const int low = (low_y[lane] >> 20) + HALO - 1, high = (high_y[lane] >> 20) + HALO + 2;
    *x0 = lane == 0 || left < *x0 ? left : *x0;
    *y0 = lane == 0 || low < *y0 ? low : *y0;
    *x1 = lane == 0 || right > *x1 ? right : *x1;
    *y1 = lane == 0 || high > *y1 ? high : *y1;
  }
  if (*x0 < 0) *x0 = 0;
  if (*y0 < 0) *y0 = 0;
  if (*x1 > width - 1) *x1 = width - 1;
  if (*y1 > height - 1) *y1 = height - 1;
}

static void pack(int half, int record_index) {
  float *record = records[record_index];
  const float *from[ROLES] = {0}, *to[ROLES] = {0};
  float weight[ROLES] = {0};
  for (int role = 0; role < ROLES; role++) {
    const struct bracket *b = &brackets[half * ROLES + role];
    if (!(head.roles >> role & 1)) continue;
    from[role] = pairs_of(role, b->index);
    to[role] = b->seconds == b->time ? from[role] : pairs_of(role, b->next);
    weight[role] = b->seconds == b->time
      ? 0 : (float)((b->seconds - b->time) / (b->next_time - b->time));
  }
  const float wind_peak = peak_of(1) + (head.is_relative ? peak_of(0) : 0);
  bounds[record_index] = peak_of(0) + peak_of(2) + windage_high * wind_peak;
  const int has_holes = fmaxf(fmaxf(peak_of(0), peak_of(1)), peak_of(2)) >= HOLE_MIN;
  int x0, y0, x1, y1;
  box_of(&x0, &y0, &x1, &y1);
  for (int row = y0; row <= y1; row++) {
    const size_t first = ((size_t)row * width + x0) * 2 & ~(size_t)3;
    const size_t end = ((size_t)row * width + x1 + 1) * 2;
    if (has_holes) pack_row(from, to, weight, record, first, end, 1);
    else pack_row(from, to, weight, record, first, end, 0);
  }
}

/* ---- Advection ---- */

static inline i32x4 to_quanta(f32x4 displacement) {
  const f32x4 bounded = larger(smaller(displacement, SPLAT(QUANTA)), SPLAT(-QUANTA));
  return (i32x4)(bounded + SPLAT(MAGIC)) - (i32x4)SPLAT(MAGIC);
}

static inline f32x4 fraction_of(i32x4 x) {
  return __builtin_convertvector(x & (QUANTA - 1), f32x4) * SPLAT(1.0f / QUANTA);
}

/* Stage positions, displacements and largest stages of a block. */
typedef struct { i32x4 x, y; f32x4 sum_x, sum_y, peak_x, peak_y; } scratch;

/* [U, V] of a particle on the left and the right of its cell. */
static inline f32x4 sides(const float *at, ptrdiff_t wind, float windage, f32x4 fy, int folded) {
  f32x4 low = load(at), high = load(at + 2 * width);
  if (!folded) {
    low = low + SPLAT(windage) * load(at + wind);
    high = high + SPLAT(windage) * load(at + 2 * width + wind);
  }
  return low + fy * (high - low);
}

/* U and V of four particles at stage positions. */
__attribute__((always_inline)) static inline void velocity(
    const float *record, i32x4 x, i32x4 y, f32x4 c, int folded, f32x4 *kx, f32x4 *ky) {
  const ptrdiff_t wind = (ptrdiff_t)width * height * 2;
  const i32x4 at = (y >> 20) * (2 * width) + ((x >> 20) << 1);
  const f32x4 fx = fraction_of(x), fy = fraction_of(y);
  const f32x4 s0 = sides(record + at[0], wind, c[0], SHUFFLE(fy, fy, 0, 0, 0, 0), folded);
  const f32x4 s1 = sides(record + at[1], wind, c[1], SHUFFLE(fy, fy, 1, 1, 1, 1), folded);
  const f32x4 s2 = sides(record + at[2], wind, c[2], SHUFFLE(fy, fy, 2, 2, 2, 2), folded);
  const f32x4 s3 = sides(record + at[3], wind, c[3], SHUFFLE(fy, fy, 3, 3, 3, 3), folded);
  const f32x4 left01 = SHUFFLE(s0, s1, 0, 1, 4, 5), right01 = SHUFFLE(s0, s1, 2, 3, 6, 7);
  const f32x4 left23 = SHUFFLE(s2, s3, 0, 1, 4, 5), right23 = SHUFFLE(s2, s3, 2, 3, 6, 7);
  const f32x4 k01 = left01 + SHUFFLE(fx, fx, 0, 0, 1, 1) * (right01 - left01);
  const f32x4 k23 = left23 + SHUFFLE(fx, fx, 2, 2, 3, 3) * (right23 - left23);
  *kx = SHUFFLE(k01, k23, 0, 2, 4, 6);
  *ky = SHUFFLE(k01, k23, 1, 3, 5, 7);
}

enum { FIRST, MIDDLE, LAST, ONLY };

__attribute__((always_inline)) static inline void stage(
    int kind, const float *record, const block *p, int n, scratch *s, float reach, int folded,
    int careful) {
  for (int i = 0; i < n; i++) {
    f32x4 kx, ky;
    const i32x4 x = kind == FIRST ? p[i].x : s[i].x, y = kind == FIRST ? p[i].y : s[i].y;
    velocity(record, x, y, p[i].windage, folded, &kx, &ky);
    if (kind == MIDDLE) s[i].sum_x += kx * SPLAT(2), s[i].sum_y += ky * SPLAT(2);
    else if (kind == LAST) {
      s[i].sum_x = (s[i].sum_x + kx) / SPLAT(6);
      s[i].sum_y = (s[i].sum_y + ky) / SPLAT(6);
    } else s[i].sum_x = kx, s[i].sum_y = ky;
    if (careful) {
      const int is_first = kind == FIRST;
      s[i].peak_x = is_first ? magnitude(kx) : larger(s[i].peak_x, magnitude(kx));
      s[i].peak_y = is_first ? magnitude(ky) : larger(s[i].peak_y, magnitude(ky));
    }
    if (kind == LAST) continue;
    s[i].x = p[i].x + to_quanta(kx * SPLAT(reach));
    s[i].y = p[i].y + to_quanta(ky * SPLAT(reach));
  }
}

static void walk(const block *p, int n, int step, scratch *s, ptrdiff_t origin) {
  for (int i = 0; i < n; i++) {
    for (int lane = 0; lane < 4; lane++) {
      const uint64_t word = threefry(head.key0, head.key1,
        head.first_particle + (uint32_t)p[i].row[lane], (uint32_t)step * 256);
      const uint32_t a = (uint32_t)word, b = (uint32_t)(word >> 32);
      const float east = (float)((int32_t)((a & 0xffff) + (a >> 16)) - 65535) * noise_scale;
      const float north = (float)((int32_t)((b & 0xffff) + (b >> 16)) - 65535) * noise_scale;
      const int32_t x = p[i].x[lane], y = p[i].y[lane];
      const float *at = metric + (origin + (ptrdiff_t)(y >> 20) * width + (x >> 20)) * 4;
      const f32x4 fx = SPLAT((float)(x & (QUANTA - 1)) * (1.0f / QUANTA));
      const f32x4 fy = SPLAT((float)(y & (QUANTA - 1)) * (1.0f / QUANTA));
      const float *upper = at + 4 * width;
      const f32x4 left = load(at) + fy * (load(upper) - load(at));
      const f32x4 right = load(at + 4) + fy * (load(upper + 4) - load(at + 4));
      const f32x4 m = left + fx * (right - left);
      s[i].sum_x[lane] += m[0] * east + m[1] * north;
      s[i].sum_y[lane] += m[2] * east + m[3] * north;
    }
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

static void store(int place, int status) {
  const block *p = &afloat[place >> 2];
  const rest *r = &rests[place >> 2];
  const int lane = place & 3;
  struct row *out = &table[p->row[lane]];
  const int64_t stored_x = ((int64_t)p->x[lane] << 12) + r->x[lane] * 16;
  const int64_t stored_y = ((int64_t)p->y[lane] << 12) + r->y[lane] * 16;
  out->cell_x = (int16_t)wrap((int32_t)(stored_x >> 32) + head.crop_column);
  out->fraction_x = (uint32_t)stored_x;
  out->cell_y = (int16_t)((int32_t)(stored_y >> 32) + head.crop_row);
  out->fraction_y = (uint32_t)stored_y;
  out->status = (uint8_t)status;
}

static void end_place(int place, int status) {
  store(place, status);
  ended[ended_count++] = (uint32_t)place;
}

/* The places of a block that met a hole or are not on open sea end. */
static void end_block(int first, const scratch *s, i32x4 over) {
  for (int lane = 0; lane < 4 && first + lane < afloat_count; lane++) {
    if (over[lane]) {
      if (!(s->peak_x[lane] > HOLE_QUANTA || s->peak_y[lane] > HOLE_QUANTA)) fail("speed");
      end_place(first + lane, MISSING);
      continue;
    }
    const block *p = &afloat[first >> 2];
    const int fate = fate_of(p->x[lane], p->y[lane]);
    if (fate >= 0) end_place(first + lane, fate);
  }
}

__attribute__((always_inline)) static inline int any(i32x4 v) {
  return (v[0] | v[1] | v[2] | v[3]) != 0;
}

__attribute__((always_inline)) static inline void settle(
    int first, int n, scratch *s, int careful) {
  const int32_t ring = head.crop_columns << 20;
  const int32_t last_x = head.is_ring ? INT32_MAX : (head.crop_columns - 1) << 20;
  const int32_t last_y = (head.crop_rows - 1) << 20;
  const uint8_t *shore = land + (ptrdiff_t)HALO * width + HALO;
  for (int i = 0; i < n; i++) {
    block *p = &afloat[first + i];
    rest *r = &rests[first + i];
    i32x4 over = {0};
    if (careful) {
      s[i].peak_x = larger(s[i].peak_x, magnitude(s[i].sum_x));
      s[i].peak_y = larger(s[i].peak_y, magnitude(s[i].sum_y));
      over = (s[i].peak_x > SPLAT(QUANTA)) | (s[i].peak_y > SPLAT(QUANTA));
      s[i].sum_x = (f32x4)((i32x4)s[i].sum_x & ~over);
      s[i].sum_y = (f32x4)((i32x4)s[i].sum_y & ~over);
    }
#define SETTLE(to, sum, left) do { \
      const f32x4 wanted = sum + __builtin_convertvector(left, f32x4) * SPLAT(1.0f / 256); \
      const f32x4 shifted = wanted + SPLAT(MAGIC); \
      const f32x4 excess = wanted - (shifted - SPLAT(MAGIC)); \
      const i32x4 part = (i32x4)(excess * SPLAT(256) + SPLAT(MAGIC)) - (i32x4)SPLAT(MAGIC); \
      const i32x4 carry = part > 127; \
      left = __builtin_convertvector(part + (carry << 8), i8x4); \
      to += (i32x4)shifted - (i32x4)SPLAT(MAGIC) - carry; \
    } while (0)
    SETTLE(p->x, s[i].sum_x, r->x);
    SETTLE(p->y, s[i].sum_y, r->y);
    if (head.is_ring) {
      p->x += ring & (p->x < 0);
      p->x -= ring & (p->x >= ring);
    }
    const i32x4 x = p->x, y = p->y;
    const i32x4 at = ((y + QUANTA / 2) >> 20) * width + ((x + QUANTA / 2) >> 20);
    const int ashore = shore[at[0]] | shore[at[1]] | shore[at[2]] | shore[at[3]];
    const i32x4 beyond = ((x | y) < 0) | (x > last_x) | (y > last_y);
    if (ashore | any(beyond | over)) end_block((first + i) * 4, &s[i], over);
  }
}

__attribute__((always_inline)) static inline void move_all(int step, int folded, int careful) {
  const ptrdiff_t origin = (ptrdiff_t)HALO * width + HALO;
  const float *now = records[0] + 2 * origin, *half = records[1] + 2 * origin;
  const float *next = records[2] + 2 * origin;
  const int count = (afloat_count + 3) / 4;
  scratch s[BATCH];
  for (int first = 0; first < count; first += BATCH) {
    const int n = count - first < BATCH ? count - first : BATCH;
    const block *p = afloat + first;
    stage(FIRST, now, p, n, s, 0.5f, folded, careful);
    if (head.scheme == RK4) {
      stage(MIDDLE, half, p, n, s, 0.5f, folded, careful);
      stage(MIDDLE, half, p, n, s, 1, folded, careful);
      stage(LAST, next, p, n, s, 0, folded, careful);
    } else if (head.scheme == RK2) stage(ONLY, half, p, n, s, 0, folded, careful);
    if (head.diffusivity > 0) walk(p, n, step, s, origin);
    settle(first, n, s, careful);
  }
}

static void advance(int step) {
  for (int i = afloat_count; afloat_count > 0 && i & 3; i++) copy_place(afloat_count - 1, i);
  ended_count = 0;
  const float bound = fmaxf(fmaxf(bounds[0], bounds[1]), bounds[2]);
  const int careful = !(bound + walk_bound <= QUANTA * (1 - 1.0f / 1024));
  if (is_folded && careful) move_all(step, 1, 1);
  else if (is_folded) move_all(step, 1, 0);
  else if (careful) move_all(step, 0, 1);
  else move_all(step, 0, 0);
  while (ended_count > 0) {
    const int place = (int)ended[--ended_count];
    if (place != --afloat_count) copy_place(afloat_count, place);
  }
}

/* ---- Release, sorting, state ---- */

static float windage_of(const struct row *stored) {
  const double *range = head.windage[stored->class];
  return (float)(range[0] + stored->windage * (1.0 / 65535.0) * (range[1] - range[0]));
}

static int64_t quanta_of(int32_t cell, uint32_t fraction, int8_t *left) {
  const int64_t stored = (int64_t)cell * ((int64_t)1 << 32) + fraction;
  const int64_t quanta = (stored + 2048) >> 12;
  *left = (int8_t)((stored - quanta * 4096) >> 4);
  return quanta;
}

static void activate(int row) {
  struct row *stored = &table[row];
  int8_t left_x, left_y;
  int32_t cell = stored->cell_x - head.crop_column;
  if (head.is_periodic) cell = wrap(cell);
  int64_t x = quanta_of(cell, stored->fraction_x, &left_x);
  if (head.is_ring && x >= (int64_t)head.crop_columns << 20) x -= (int64_t)head.crop_columns << 20;
  const int64_t y = quanta_of(stored->cell_y - head.crop_row, stored->fraction_y, &left_y);
  block *p = &afloat[afloat_count >> 2];
  rest *r = &rests[afloat_count >> 2];
  const int lane = afloat_count++ & 3;
  p->x[lane] = (int32_t)x;
  p->y[lane] = (int32_t)y;
  p->windage[lane] = windage_of(stored);
  p->row[lane] = row;
  r->x[lane] = left_x;
  r->y[lane] = left_y;
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
    const uint32_t x = (uint32_t)(afloat[i >> 2].x[i & 3] >> 20);
    const uint32_t y = (uint32_t)(afloat[i >> 2].y[i & 3] >> 20);
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
    const uint32_t from = (uint32_t)cells[i];
    const block *a = &afloat[from >> 2];
    block *b = &spare[i >> 2];
    b->x[i & 3] = a->x[from & 3];
    b->y[i & 3] = a->y[from & 3];
    b->windage[i & 3] = a->windage[from & 3];
    b->row[i & 3] = a->row[from & 3];
    spare_rests[i >> 2].x[i & 3] = rests[from >> 2].x[from & 3];
    spare_rests[i >> 2].y[i & 3] = rests[from >> 2].y[from & 3];
  }
  void *swap = afloat;
  afloat = spare;
  spare = swap;
  swap = rests;
  rests = spare_rests;
  spare_rests = swap;
}

/* Seconds of processor time: other processes do not count. */
static double now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The whole unit once; returns the particle-steps. */
static double run(void) {
  double fuel = 0;
  afloat_count = 0;
  next_release = INT32_MIN;
  memset(held, -1, sizeof held);
  memset(peaks, 0, sizeof peaks);
  float windage_low = INFINITY;
  windage_high = -INFINITY;
  for (int row = 0; row < head.count; row++) {
    windage_low = fminf(windage_low, windage_of(&table[row]));
    windage_high = fmaxf(windage_high, windage_of(&table[row]));
    if (table[row].status == AFLOAT) activate(row);
  }
  is_folded = !(head.roles & 2) || windage_low == windage_high;
  release(head.first_step);
  pack(0, 0);
  for (int i = 0; i < head.step_count; i++) {
    pack(2 * i + 1, 1);
    pack(2 * i + 2, 2);
    if (i % SORT_STEPS == 0) sort_afloat();
    fuel += afloat_count;
    advance(head.first_step + i);
    float *swap = records[0];
    records[0] = records[2];
    records[2] = swap;
    bounds[0] = bounds[2];
    release(head.first_step + i + 1);
  }
  for (int i = 0; i < afloat_count; i++)
    store(i, AFLOAT);
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
  for (int i = 0; i < 3; i++) records[i] = bytes(nodes * 16 + 128);
  table = bytes(count * sizeof *table);
  afloat = bytes((count / 4 + 1) * sizeof *afloat);
  spare = bytes((count / 4 + 1) * sizeof *spare);
  rests = bytes((count / 4 + 1) * sizeof *rests);
  spare_rests = bytes((count / 4 + 1) * sizeof *spare_rests);
  ended = bytes(count * sizeof *ended);
  for (int role = 0; role < ROLES; role++)
    for (int slot = 0; slot < 2; slot++) pairs[role][slot] = bytes(nodes * 8 + 64);
  cells = bytes(count * sizeof *cells);
  spare_cells = bytes(count * sizeof *cells);
  const double deviation = sqrt(2.0 * head.diffusivity * fabs(head.step_seconds));
  noise_scale = (float)(deviation / sqrt((65536.0 * 65536.0 - 1.0) / 6.0) * QUANTA);
  float cells_max = 0;
  for (size_t i = 0; i < nodes * 4; i += 2)
    cells_max = fmaxf(cells_max, fabsf(metric[i]) + fabsf(metric[i + 1]));
  walk_bound = head.diffusivity > 0 ? cells_max * noise_scale * 65535 : 0;
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
