// The loops of our operations over images whose channels are adjacent (NHWC), for float32 and bfloat16.
// Sums are float32, taken in blocks.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace janus {

// The upper half of a float32.
struct BFloat16 {
  uint16_t bits;
};

inline float Load(float value) { return value; }
inline float Load(BFloat16 value) {
  const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
  float number;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

inline void Store(float number, float *place) { *place = number; }
inline void Store(float number, BFloat16 *place) {
  uint32_t bits;
  std::memcpy(&bits, &number, sizeof bits);
  // Rounds to nearest, ties to even; NaN stays NaN.
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  place->bits = static_cast<uint16_t>(number == number ? rounded : 0x7fc0u);
}

// Adjacent channels in one register of the widest kind. Explicit vector types, because the compiler
// does not vectorise plain loops that round and select.
#if defined(__AVX512BW__)
constexpr int kWidth = 16;
#elif defined(__AVX2__)
constexpr int kWidth = 8;
#else
constexpr int kWidth = 4;
#endif
using Floats = float __attribute__((vector_size(kWidth * sizeof(float))));
using Words = uint32_t __attribute__((vector_size(kWidth * sizeof(uint32_t))));
using Halves = uint16_t __attribute__((vector_size(kWidth * sizeof(uint16_t))));

// Numbers in memory, which begin at any multiple of 4 bytes: a plain `Floats` would have to begin at a
// multiple of its own size. The low alignment belongs to a struct, since that of an alias is lost where
// the alias is a template argument. (std::memcpy does the same, but a compiler must then expect a store
// to change every number in memory: up to 30 % slower with g++ and AVX2.)
struct __attribute__((packed, aligned(4))) Placed {
  Floats numbers;
};

inline Floats Load(const float *place, Floats *) {
  return reinterpret_cast<const Placed *>(place)->numbers;
}
inline Floats Load(const BFloat16 *place, Floats *) {
  Halves halves;
  std::memcpy(&halves, place, sizeof halves);
  return reinterpret_cast<Floats>(__builtin_convertvector(halves, Words) << 16);
}
inline void Store(Floats numbers, float *place) {
  reinterpret_cast<Placed *>(place)->numbers = numbers;
}
inline void Store(Floats numbers, BFloat16 *place) {
  const Words bits = reinterpret_cast<Words>(numbers);
  const Words rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const Words kept = numbers == numbers ? rounded : Words{} + 0x7fc0u;
  const Halves halves = __builtin_convertvector(kept, Halves);
  std::memcpy(place, &halves, sizeof halves);
}
template <typename T>
inline float Load(const T *place, float *) {
  return Load(*place);
}

// `Number` is a float or a vector of them; the second argument of Load selects which.
template <typename Number, typename T>
inline Number Take(const T *place) {
  return Load(place, static_cast<Number *>(nullptr));
}

template <typename Number>
inline Number Activated(Number value, float slope) {
  return value > 0.0f ? value : slope * value;
}

// The gradient before the activation; `value` has the sign of the activation's output.
template <typename Number>
inline Number Passed(Number value, Number gradient, float slope) {
  return value > 0.0f ? gradient : slope * gradient;
}

// Pixels that are summed on their own before they are added to the total: float32 sums of many numbers
// lose digits.
constexpr int64_t kBlock = 64;

struct Image {
  int64_t pixels;
  int64_t channels;
};

// A group of `count` registers of one kind, which walks over a block's pixels.
template <typename Number, int count>
struct Lanes {
  using Kind = Number;
  static constexpr int kCount = count;
  static constexpr int kStep = sizeof(Number) / sizeof(float);
};

// Calls `work(from, to, at, lanes)` for every block of pixels and every group of channels in it: four
// registers while enough channels are left (four sums at once hide an addition's latency), then one
// register, then single channels. `work` is a copy and becomes part of the loops (`flatten`), so that
// what it captured stays in registers over the stores.
template <typename Work>
__attribute__((flatten)) void OverBlocks(Image size, Work work) {
  for (int64_t from = 0; from < size.pixels; from += kBlock) {
    const int64_t to = std::min(size.pixels, from + kBlock);
    int64_t at = 0;
    for (; at + 4 * kWidth <= size.channels; at += 4 * kWidth) work(from, to, at, Lanes<Floats, 4>());
    for (; at + kWidth <= size.channels; at += kWidth) work(from, to, at, Lanes<Floats, 1>());
    for (; at < size.channels; at++) work(from, to, at, Lanes<float, 1>());
  }
}

// Reads the numbers of a group of channels into `group`.
template <typename Number, int count>
inline void TakeAll(const float *from, Number (&group)[count]) {
  constexpr int step = sizeof(Number) / sizeof(float);
  for (int i = 0; i < count; i++) group[i] = Take<Number>(from + i * step);
}

template <typename Number, int count>
inline void AddAll(const Number (&group)[count], float *to) {
  constexpr int step = sizeof(Number) / sizeof(float);
  for (int i = 0; i < count; i++) Store(Take<Number>(to + i * step) + group[i], to + i * step);
}

// Computes mean and 1 / sqrt(variance + epsilon) of each channel. Variances are taken about the first
// block's mean, so that a large mean costs no digits.
template <typename T>
void Statistics(const T *x, Image size, float epsilon, float *mean, float *scale) {
  const auto [pixels, channels] = size;
  std::vector<float> memory(static_cast<size_t>(3 * channels), 0.0f);
  float *shift = memory.data();
  float *sum = shift + channels;
  float *square = sum + channels;
  const int64_t first = std::min(pixels, kBlock);
  for (int64_t p = 0; p < first; p++) {
    for (int64_t c = 0; c < channels; c++) shift[c] += Load(x[p * channels + c]);
  }
  for (int64_t c = 0; c < channels; c++) shift[c] /= static_cast<float>(first);
  OverBlocks(size, [=, channels = channels](int64_t from, int64_t to, int64_t at, auto lanes) {
    using Number = typename decltype(lanes)::Kind;
    constexpr int count = lanes.kCount, step = lanes.kStep;
    Number sums[count] = {}, squares[count] = {}, middle[count];
    TakeAll(shift + at, middle);
    for (int64_t p = from; p < to; p++) {
      const T *pixel = x + p * channels + at;
      for (int i = 0; i < count; i++) {
        const Number a = Take<Number>(pixel + i * step) - middle[i];
        sums[i] += a;
        squares[i] += a * a;
      }
    }
    AddAll(sums, sum + at);
    AddAll(squares, square + at);
  });
  const float count = static_cast<float>(pixels);
  for (int64_t c = 0; c < channels; c++) {
    const float off = sum[c] / count;
    const float variance = std::max(0.0f, square[c] / count - off * off);
    // std::max drops NaN; the scale has to keep it.
    mean[c] = shift[c] + off;
    scale[c] = square[c] == square[c] ? 1.0f / std::sqrt(variance + epsilon) : square[c];
  }
}

template <typename T>
void Normalise(const T *x, Image size, float slope, const float *mean, const float *scale, T *y) {
  const int64_t channels = size.channels;
  OverBlocks(size, [=](int64_t from, int64_t to, int64_t at, auto lanes) {
    using Number = typename decltype(lanes)::Kind;
    constexpr int count = lanes.kCount, step = lanes.kStep;
    Number middle[count], factor[count];
    TakeAll(mean + at, middle);
    TakeAll(scale + at, factor);
    for (int64_t p = from; p < to; p++) {
      const T *x_at = x + p * channels + at;
      T *y_at = y + p * channels + at;
      for (int i = 0; i < count; i++) {
        const Number n = (Take<Number>(x_at + i * step) - middle[i]) * factor[i];
        Store(Activated(n, slope), y_at + i * step);
      }
    }
  });
}

// dx = s (g - mean(g) - n mean(g n)): n is the normalised image, g the gradient before the activation.
template <typename T>
void NormaliseGradient(const T *dy, const T *x, Image size, float slope, const float *mean,
                       const float *scale, T *dx) {
  const auto [pixels, channels] = size;
  std::vector<float> memory(static_cast<size_t>(2 * channels), 0.0f);
  float *sum = memory.data();
  float *along = sum + channels;
  OverBlocks(size, [=, channels = channels](int64_t from, int64_t to, int64_t at, auto lanes) {
    using Number = typename decltype(lanes)::Kind;
    constexpr int count = lanes.kCount, step = lanes.kStep;
    Number sums[count] = {}, products[count] = {}, middle[count], factor[count];
    TakeAll(mean + at, middle);
    TakeAll(scale + at, factor);
    for (int64_t p = from; p < to; p++) {
      const T *x_at = x + p * channels + at;
      const T *dy_at = dy + p * channels + at;
      for (int i = 0; i < count; i++) {
        const Number n = (Take<Number>(x_at + i * step) - middle[i]) * factor[i];
        const Number g = Passed(n, Take<Number>(dy_at + i * step), slope);
        sums[i] += g;
        products[i] += g * n;
      }
    }
    AddAll(sums, sum + at);
    AddAll(products, along + at);
  });
  const float count = static_cast<float>(pixels);
  for (int64_t c = 0; c < channels; c++) {
    sum[c] /= count;
    along[c] /= count;
  }
  OverBlocks(size, [=, channels = channels](int64_t from, int64_t to, int64_t at, auto lanes) {
    using Number = typename decltype(lanes)::Kind;
    constexpr int count = lanes.kCount, step = lanes.kStep;
    Number middle[count], factor[count], mean_of_g[count], mean_along[count];
    TakeAll(mean + at, middle);
    TakeAll(scale + at, factor);
    TakeAll(sum + at, mean_of_g);
    TakeAll(along + at, mean_along);
    for (int64_t p = from; p < to; p++) {
      const T *x_at = x + p * channels + at;
      const T *dy_at = dy + p * channels + at;
      T *dx_at = dx + p * channels + at;
      for (int i = 0; i < count; i++) {
        const Number n = (Take<Number>(x_at + i * step) - middle[i]) * factor[i];
        const Number g = Passed(n, Take<Number>(dy_at + i * step), slope);
        const Number d = factor[i] * (g - mean_of_g[i] - n * mean_along[i]);
        Store(d, dx_at + i * step);
      }
    }
  });
}

// sum = a + b; `sum` may be the memory of `a` or `b`.
template <typename T>
void Add(const T *a, const T *b, int64_t length, T *sum) {
  int64_t i = 0;
  for (; i + kWidth <= length; i += kWidth) Store(Take<Floats>(a + i) + Take<Floats>(b + i), sum + i);
  for (; i < length; i++) Store(Load(a[i]) + Load(b[i]), sum + i);
}

// The gradient before a ReLU with slope alpha for negative values, from its output `y`; `dx` may be the
// memory of `dy` or `y`.
template <typename T>
void ActivationGradient(const T *dy, const T *y, float alpha, int64_t length, T *dx) {
  int64_t i = 0;
  for (; i + kWidth <= length; i += kWidth) {
    Store(Passed(Take<Floats>(y + i), Take<Floats>(dy + i), alpha), dx + i);
  }
  for (; i < length; i++) Store(Passed(Load(y[i]), Load(dy[i]), alpha), dx + i);
}

// Sums each channel over all pixels. The many blocks are added in float64.
template <typename T>
void ChannelSum(const T *x, Image size, float *sum) {
  const int64_t channels = size.channels;
  std::vector<double> memory(static_cast<size_t>(channels), 0.0);
  double *sums = memory.data();
  OverBlocks(size, [=](int64_t from, int64_t to, int64_t at, auto lanes) {
    using Number = typename decltype(lanes)::Kind;
    constexpr int count = lanes.kCount, step = lanes.kStep;
    Number block[count] = {};
    for (int64_t p = from; p < to; p++) {
      for (int i = 0; i < count; i++) block[i] += Take<Number>(x + p * channels + at + i * step);
    }
    float numbers[count * step];
    for (int i = 0; i < count; i++) Store(block[i], numbers + i * step);
    for (int i = 0; i < count * step; i++) sums[at + i] += numbers[i];
  });
  for (int64_t c = 0; c < channels; c++) sum[c] = static_cast<float>(sums[c]);
}

// Returns the row or column of the image that row or column `at` of the padded image is copied from.
inline int64_t Reflected(int64_t at, int64_t padding, int64_t size) {
  const int64_t inside = at - padding;
  if (inside < 0) return -inside;
  return inside < size ? inside : 2 * (size - 1) - inside;
}

struct Sides {
  int64_t batch, height, width, channels;
};

template <typename T>
void Pad(const T *x, Sides size, int64_t padding, T *y) {
  const auto [batch, height, width, channels] = size;
  const size_t pixel = static_cast<size_t>(channels) * sizeof(T);
  for (int64_t b = 0; b < batch; b++) {
    for (int64_t row = 0; row < height + 2 * padding; row++) {
      const T *from = x + (b * height + Reflected(row, padding, height)) * width * channels;
      for (int64_t i = padding; i > 0; i--, y += channels) {
        std::memcpy(y, from + i * channels, pixel);
      }
      std::memcpy(y, from, pixel * static_cast<size_t>(width));
      y += width * channels;
      for (int64_t i = 1; i <= padding; i++, y += channels) {
        std::memcpy(y, from + (width - 1 - i) * channels, pixel);
      }
    }
  }
}

// sum += row, over `length` numbers.
template <typename T>
void AddRow(const T *row, int64_t length, float *sum) {
  int64_t i = 0;
  for (; i + kWidth <= length; i += kWidth) {
    Store(Take<Floats>(sum + i) + Take<Floats>(row + i), sum + i);
  }
  for (; i < length; i++) sum[i] += Load(row[i]);
}

template <typename T>
void StoreRow(const float *sum, int64_t length, T *row) {
  int64_t i = 0;
  for (; i + kWidth <= length; i += kWidth) Store(Take<Floats>(sum + i), row + i);
  for (; i < length; i++) Store(sum[i], row + i);
}

template <typename T>
void PadGradient(const T *dy, Sides size, int64_t padding, T *dx) {
  const auto [batch, height, width, channels] = size;  // of dx
  const int64_t wide = width + 2 * padding;
  std::vector<float> sum(static_cast<size_t>(width * channels));
  for (int64_t b = 0; b < batch; b++) {
    const T *image = dy + b * (height + 2 * padding) * wide * channels;
    for (int64_t row = 0; row < height; row++) {
      std::fill(sum.begin(), sum.end(), 0.0f);
      // The row itself and the border rows that mirror it.
      int64_t rows[3] = {row + padding, -1, -1};
      if (row >= 1 && row <= padding) rows[1] = padding - row;
      const int64_t below = height - 1 - row;
      if (below >= 1 && below <= padding) rows[2] = padding + height - 1 + below;
      for (int64_t each : rows) {
        if (each < 0) continue;
        const T *from = image + each * wide * channels;
        const T *middle = from + padding * channels;
        AddRow(middle, width * channels, sum.data());
        for (int64_t i = 1; i <= padding; i++) {
          const T *left = from + (padding - i) * channels;
          const T *right = from + (padding + width - 1 + i) * channels;
          AddRow(left, channels, sum.data() + i * channels);
          AddRow(right, channels, sum.data() + (width - 1 - i) * channels);
        }
      }
      StoreRow(sum.data(), width * channels, dx);
      dx += width * channels;
    }
  }
}

}  // namespace janus
