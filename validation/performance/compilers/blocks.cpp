// One block of a recurrent network over all steps of a tile, forward and back: the loops of
// sparsebench/engines/fused as C++. validation/performance/measure_compilers.py compiles it, checks what it
// computes, and times it. The script also writes records.hpp: LANES, and the structures Block,
// Network, PlanArrays and Scratch with the fields that the Python side has.

#include <algorithm>

#include "records.hpp"

#define WIDTH (LANES / 2)  // a vector of the engine is two of the processor's
typedef float half __attribute__((vector_size(4 * WIDTH)));
typedef float eight __attribute__((vector_size(32)));
typedef float four __attribute__((vector_size(16), aligned(4)));
typedef int64_t num;

struct vec { half low, high; };

#define ARITHMETIC(sign) \
  static inline vec operator sign(vec a, vec b) { return {a.low sign b.low, a.high sign b.high}; } \
  static inline vec operator sign(vec a, float b) { return {a.low sign b, a.high sign b}; } \
  static inline vec operator sign(float a, vec b) { return {a sign b.low, a sign b.high}; }
ARITHMETIC(+) ARITHMETIC(-) ARITHMETIC(*) ARITHMETIC(/)

template <class A, class B>  // contracted to one instruction by -ffp-contract=fast
static inline vec fma(A factor, B other, vec addend) { return factor * other + addend; }
static inline vec splat(float value) { return {half{} + value, half{} + value}; }

static inline vec load(const float* array, num row) {
  const half* place = (const half*)(array + row * LANES);
  return {place[0], place[1]};
}

static inline void store(float* array, num row, vec value) {
  half* place = (half*)(array + row * LANES);
  place[0] = value.low;
  place[1] = value.high;
}

static inline half clamp(half x) {
  const half limit = half{} + 7.90531110763549805f;
  x = x > limit ? limit : x;
  return x < -limit ? -limit : x;
}

static inline vec hyperbolic_tangent(vec value) {
  vec x = {clamp(value.low), clamp(value.high)}, square = x * x;
  vec upper = fma(square, -2.76076847742355e-16f, splat(2.00018790482477e-13f));
  upper = fma(upper, square, splat(-8.60467152213735e-11f));
  upper = fma(upper, square, splat(5.12229709037114e-08f));
  upper = fma(upper, square, splat(1.48572235717979e-05f));
  upper = fma(upper, square, splat(6.37261928875436e-04f));
  upper = fma(upper, square, splat(4.89352455891786e-03f));
  vec lower = fma(square, 1.19825839466702e-06f, splat(1.18534705686654e-04f));
  lower = fma(lower, square, splat(2.26843463243900e-03f));
  lower = fma(lower, square, splat(4.89352518554385e-03f));
  return x * upper / lower;
}

static inline vec logistic(vec value) {
  return fma(hyperbolic_tangent(value * 0.5f), 0.5f, splat(0.5f));
}

// Sums of lanes ------------------------------------------------------------------------------------

#define PICK __builtin_shufflevector

static inline eight sums_of_pairs(vec one, vec two, vec three, vec four_) {  // in segments of two
  half a = one.low + one.high, b = two.low + two.high;
  half c = three.low + three.high, d = four_.low + four_.high;
#if LANES == 32
  half ab = PICK(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
            PICK(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  half cd = PICK(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
            PICK(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  half all = PICK(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
             PICK(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  eight left = PICK(all, all, 0, 1, 2, 3, 4, 5, 6, 7);
  eight right = PICK(all, all, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  eight left = PICK(a, b, 0, 1, 2, 3, 8, 9, 10, 11) + PICK(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  eight right = PICK(c, d, 0, 1, 2, 3, 8, 9, 10, 11) + PICK(c, d, 4, 5, 6, 7, 12, 13, 14, 15);
#endif
  return PICK(left, right, 0, 1, 4, 5, 8, 9, 12, 13) + PICK(left, right, 2, 3, 6, 7, 10, 11, 14, 15);
}

static inline void write(float* out, num e, num end, vec one, vec two, vec three, vec last) {
  eight sums = sums_of_pairs(one, two, three, last);
  four found = PICK(sums, sums, 0, 2, 4, 6) + PICK(sums, sums, 1, 3, 5, 7);
  if (e + 4 <= end) {
    *(four*)(out + e) = found;
    return;
  }
  out[e] = found[0];
  if (e + 1 < end) out[e + 1] = found[1];
  if (e + 2 < end) out[e + 2] = found[2];
}

static inline float sum_lanes(vec value) {
  half one = value.low + value.high;
#if LANES == 32
  eight sums = PICK(one, one, 0, 1, 2, 3, 4, 5, 6, 7) + PICK(one, one, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  eight sums = one;
#endif
  four found = PICK(sums, sums, 0, 1, 2, 3) + PICK(sums, sums, 4, 5, 6, 7);
  return (found[0] + found[2]) + (found[1] + found[3]);
}

// Products with matrices ---------------------------------------------------------------------------

struct Matrix { const float* weights; const int64_t* starts; const int32_t* columns; };

static inline vec add_row(Matrix m, num row, const float* inputs, num input, vec total) {
  for (num e = m.starts[row]; e < m.starts[row + 1]; e++)
    total = fma(m.weights[e], load(inputs, input + m.columns[e]), total);
  return total;
}

template <int rows>  // full rows, whose entries begin `apart` from each other
static inline void add_rows(
    const float* weights, num apart, num length, const float* inputs, num input, vec** totals) {
  vec sums[rows];
  for (int i = 0; i < rows; i++) sums[i] = *totals[i];
  for (num k = 0; k < length; k++) {
    vec value = load(inputs, input + k);
    for (int i = 0; i < rows; i++) sums[i] = fma(weights[i * apart + k], value, sums[i]);
  }
  for (int i = 0; i < rows; i++) *totals[i] = sums[i];
}

static inline void add_products(
    Matrix m, num first, num rows, bool full, const float* inputs, num input, float* out, num place) {
  num row = 0, begin = m.starts[first], length = m.starts[first + 1] - begin;
  for (; full && row + 4 <= rows; row += 4) {
    vec sums[4];
    for (int i = 0; i < 4; i++) sums[i] = load(out, place + row + i);
    for (num k = 0; k < length; k++) {
      vec value = load(inputs, input + m.columns[begin + k]);
      for (int i = 0; i < 4; i++)
        sums[i] = fma(m.weights[begin + (row + i) * length + k], value, sums[i]);
    }
    for (int i = 0; i < 4; i++) store(out, place + row + i, sums[i]);
  }
  for (; row < rows; row++)
    store(out, place + row, add_row(m, first + row, inputs, input, load(out, place + row)));
}

// Gradients ----------------------------------------------------------------------------------------

struct Rows { const float* values; num first, stride; };  // one row at each step

template <int rows, int columns>
static inline void sum_products(
    num steps, Rows inputs, const num* column, Rows deltas, num delta, vec sums[rows][columns]) {
  vec totals[rows][columns];
  for (auto& row : totals) for (vec& total : row) total = splat(0);
  for (num t = 0; t < steps; t++) {
    vec arrived[rows];
    for (int i = 0; i < rows; i++)
      arrived[i] = load(deltas.values, deltas.first + t * deltas.stride + delta + i);
    for (int k = 0; k < columns; k++) {
      vec value = load(inputs.values, inputs.first + t * inputs.stride + column[k]);
      for (int i = 0; i < rows; i++) totals[i][k] = fma(arrived[i], value, totals[i][k]);
    }
  }
  for (int i = 0; i < rows; i++) for (int k = 0; k < columns; k++) sums[i][k] = totals[i][k];
}

static inline void write_gradient(
    num steps, const PlanArrays& plan, num first, num rows, bool full, Rows inputs, Rows deltas,
    float* gradient) {
  num row = 0;
  for (; full && row + 2 <= rows; row += 2) {
    num e = plan.starts[first + row], length = plan.starts[first + row + 1] - e, k = 0;
    for (; k + 4 <= length; k += 4, e += 4) {
      num column[4] = {k, k + 1, k + 2, k + 3};
      vec sums[2][4];
      sum_products<2, 4>(steps, inputs, column, deltas, row, sums);
      write(gradient, e, e + 4, sums[0][0], sums[0][1], sums[0][2], sums[0][3]);
      num other = e + length;
      write(gradient, other, other + 4, sums[1][0], sums[1][1], sums[1][2], sums[1][3]);
    }
    for (; k < length; k++, e++) {
      vec sums[2][1];
      sum_products<2, 1>(steps, inputs, &k, deltas, row, sums);
      gradient[e] = sum_lanes(sums[0][0]);
      gradient[e + length] = sum_lanes(sums[1][0]);
    }
  }
  for (; row < rows; row++) {
    num e = plan.starts[first + row], end = plan.starts[first + row + 1];
    for (; e + 4 <= end; e += 4) {
      num column[4];
      for (num i = 0; i < 4; i++) column[i] = plan.columns[e + i];
      vec sums[1][4];
      sum_products<1, 4>(steps, inputs, column, deltas, row, sums);
      write(gradient, e, end, sums[0][0], sums[0][1], sums[0][2], sums[0][3]);
    }
    for (; e < end; e++) {
      num column = plan.columns[e];
      vec sums[1][1];
      sum_products<1, 1>(steps, inputs, &column, deltas, row, sums);
      gradient[e] = sum_lanes(sums[0][0]);
    }
  }
}

static inline void write_bias_gradient(
    num steps, num rows, Rows deltas, float* gradient, num bias) {
  for (num row = 0; row < rows; row += 4) {
    vec sums[4] = {splat(0), splat(0), splat(0), splat(0)};
    num number[4];
    for (num i = 0; i < 4; i++) number[i] = std::min(row + i, rows - 1);
    for (num t = 0; t < steps; t++)
      for (int i = 0; i < 4; i++)
        sums[i] = sums[i] + load(deltas.values, deltas.first + t * deltas.stride + number[i]);
    write(gradient, bias + row, bias + rows, sums[0], sums[1], sums[2], sums[3]);
  }
}

// Cells --------------------------------------------------------------------------------------------

static inline void add_output(const Block& block, float* units, num target, vec value) {
  store(units, target, block.adds ? value + load(units, target) : value);
}

struct Gru {
  static inline void forward(
      const PlanArrays& plan, const Block& block, const float* parameters, const Scratch& scratch,
      num source, num target, num gate, num state) {
    num hidden = block.hidden;
    float *units = scratch.units, *states = scratch.states;
    Matrix m = {parameters, plan.starts, plan.columns};
    for (num j = 0; j < hidden; j++) {
      const float* bias = scratch.biases + block.gates + j;
      num i2h = block.i2h + j, h2h = block.h2h + j;
      vec reset = splat(bias[0]), update = splat(bias[hidden]);
      vec fresh = splat(bias[2 * hidden]), recurrent = splat(bias[3 * hidden]);
      if (block.i2h_full) {
        vec* totals[] = {&reset, &update, &fresh};
        const float* weights = parameters + plan.starts[i2h];
        add_rows<3>(weights, hidden * block.inputs, block.inputs, units, source, totals);
      } else {
        reset = add_row(m, i2h, units, source, reset);
        update = add_row(m, i2h + hidden, units, source, update);
        fresh = add_row(m, i2h + 2 * hidden, units, source, fresh);
      }
      if (block.h2h_full) {
        vec* totals[] = {&reset, &update, &recurrent};
        const float* weights = parameters + plan.starts[h2h];
        add_rows<3>(weights, hidden * hidden, hidden, states, state, totals);
      } else {
        reset = add_row(m, h2h, states, state, reset);
        update = add_row(m, h2h + hidden, states, state, update);
        recurrent = add_row(m, h2h + 2 * hidden, states, state, recurrent);
      }
      reset = logistic(reset);
      update = logistic(update);
      fresh = hyperbolic_tangent(fma(reset, recurrent, fresh));
      store(scratch.gates, gate + j, reset);
      store(scratch.gates, gate + hidden + j, update);
      store(scratch.gates, gate + 2 * hidden + j, fresh);
      store(scratch.gates, gate + 3 * hidden + j, recurrent);
      vec blended = fma(update, load(states, state + j) - fresh, fresh);
      store(states, state + hidden + j, blended);
      add_output(block, units, target + j, blended);
    }
  }

  static inline void backward(
      const Block& block, const Scratch& scratch, num target, num gate, num state) {
    num hidden = block.hidden;
    float* gates = scratch.gates;
    for (num j = 0; j < hidden; j++) {
      vec reset = load(gates, gate + j), update = load(gates, gate + hidden + j);
      vec fresh = load(gates, gate + 2 * hidden + j);
      vec recurrent = load(gates, gate + 3 * hidden + j), old = load(scratch.states, state + j);
      vec arriving = load(scratch.carried, j) + load(scratch.unit_gradients, target + j);
      vec candidate = arriving * (1.0f - update) * (1.0f - fresh * fresh);
      store(gates, gate + j, candidate * recurrent * reset * (1.0f - reset));
      store(gates, gate + hidden + j, arriving * (old - fresh) * update * (1.0f - update));
      store(gates, gate + 2 * hidden + j, candidate);
      store(gates, gate + 3 * hidden + j, candidate * reset);
      store(scratch.carried, j, arriving * update);
    }
  }
};

struct Tanh {
  static inline void forward(
      const PlanArrays& plan, const Block& block, const float* parameters, const Scratch& scratch,
      num source, num target, num gate, num state) {
    num hidden = block.hidden, inputs = block.inputs, j = 0;
    float *units = scratch.units, *states = scratch.states;
    const float* biases = scratch.biases + block.gates;
    Matrix m = {parameters, plan.starts, plan.columns};
    for (; block.h2h_full && j + 4 <= hidden; j += 4) {
      vec sums[4];
      vec* totals[] = {&sums[0], &sums[1], &sums[2], &sums[3]};
      for (int i = 0; i < 4; i++) sums[i] = splat(biases[j + i]);
      const float* own = parameters + plan.starts[block.i2h + j];
      const float* recurrent = parameters + plan.starts[block.h2h + j];
      if (block.i2h_full)
        add_rows<4>(own, inputs, inputs, units, source, totals);
      else
        for (int i = 0; i < 4; i++) sums[i] = add_row(m, block.i2h + j + i, units, source, sums[i]);
      add_rows<4>(recurrent, hidden, hidden, states, state, totals);
      for (int i = 0; i < 4; i++) sums[i] = hyperbolic_tangent(sums[i]);
      for (int i = 0; i < 4; i++) store(states, state + hidden + j + i, sums[i]);
      for (int i = 0; i < 4; i++) add_output(block, units, target + j + i, sums[i]);
    }
    for (; j < hidden; j++) {
      vec total = add_row(m, block.i2h + j, units, source, splat(biases[j]));
      total = hyperbolic_tangent(add_row(m, block.h2h + j, states, state, total));
      store(states, state + hidden + j, total);
      add_output(block, units, target + j, total);
    }
  }

  static inline void backward(
      const Block& block, const Scratch& scratch, num target, num gate, num state) {
    for (num j = 0; j < block.hidden; j++) {
      vec now = load(scratch.states, state + block.hidden + j);
      vec arriving = load(scratch.carried, j) + load(scratch.unit_gradients, target + j);
      store(scratch.gates, gate + j, arriving * (1.0f - now * now));
      store(scratch.carried, j, splat(0));
    }
  }
};

// Blocks -------------------------------------------------------------------------------------------

template <class Cell>
static void forward_block(
    const PlanArrays& plan, const Block& block, num steps, const float* parameters,
    const Scratch& scratch) {
  num hidden = block.hidden, units = plan.network->units;
  num kept = block.stored * plan.network->keeps_gates;
  num state = block.states * (steps + 1), gate = block.gates * steps;
  for (num j = 0; j < hidden; j++) {
    store(scratch.states, state + j, splat(0));
    store(scratch.cells, state + j, splat(0));
  }
  for (num t = 0; t < steps; t++, state += hidden, gate += kept)
    Cell::forward(plan, block, parameters, scratch, t * units + block.source,
                  t * units + block.target, gate, state);
}

template <class Cell>
static void backward_block(
    const PlanArrays& plan, const Block& block, num steps, const Scratch& scratch,
    float* gradient) {
  num hidden = block.hidden, units = plan.network->units, stride = block.stored;
  num rows = block.rows, shared = block.shared, own = rows - shared;
  num gate = block.gates * steps, state = block.states * (steps + 1);
  Matrix back = {scratch.transposed, plan.back_starts, plan.back_rows};
  for (num j = 0; j < 2 * hidden; j++) store(scratch.carried, j, splat(0));
  for (num t = steps - 1; t >= 0; t--) {
    num now = gate + t * stride;
    Cell::backward(block, scratch, t * units + block.target, now, state + t * hidden);
    if (t)
      add_products(back, block.h2h_back, hidden, block.h2h_full, scratch.gates, now,
                   scratch.carried, 0);
    add_products(back, block.i2h_back, block.inputs, block.i2h_full, scratch.gates, now,
                 scratch.unit_gradients, t * units + block.source);
  }
  Rows inputs = {scratch.units, block.source, units}, states = {scratch.states, state, hidden};
  Rows deltas = {scratch.gates, gate, stride}, others = {scratch.gates, gate + rows, stride};
  write_gradient(steps, plan, block.i2h, rows, block.i2h_full, inputs, deltas, gradient);
  write_gradient(steps, plan, block.h2h, shared, block.h2h_full, states, deltas, gradient);
  write_bias_gradient(steps, rows, deltas, gradient, block.i2h_bias);
  std::copy_n(gradient + block.i2h_bias, shared, gradient + block.h2h_bias);
  if (!own) return;
  write_gradient(
      steps, plan, block.h2h + shared, own, block.h2h_full, states, others, gradient);
  write_bias_gradient(steps, own, others, gradient, block.h2h_bias + shared);
}

template <class Cell>
static void run(
    const PlanArrays* plan, const Scratch* scratch, const float* parameters, float* gradient,
    num steps, num back, num times) {
  for (num i = 0; i < times; i++) {
    forward_block<Cell>(*plan, plan->blocks[0], steps, parameters, *scratch);
    if (back) backward_block<Cell>(*plan, plan->blocks[0], steps, *scratch, gradient);
  }
}

extern "C" void gru(
    const PlanArrays* plan, const Scratch* scratch, const float* parameters, float* gradient,
    num steps, num back, num times) {
  run<Gru>(plan, scratch, parameters, gradient, steps, back, times);
}

extern "C" void rnn_tanh(
    const PlanArrays* plan, const Scratch* scratch, const float* parameters, float* gradient,
    num steps, num back, num times) {
  run<Tanh>(plan, scratch, parameters, gradient, steps, back, times);
}
