// Fourier transform, for correlating sounds: radix 2, in place (Cooley and Tukey).

export interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

export function createSpectrum(size: number): Spectrum {
  return { real: new Float64Array(size), imaginary: new Float64Array(size) };
}

/** The size has to be a power of two. `inverse` without the division by the size. */
export function transform({ real, imaginary }: Spectrum, direction: "forward" | "inverse" = "forward"): void {
  const size = real.length;
  sortByReversedBits(real);
  sortByReversedBits(imaginary);
  const turn = direction === "forward" ? -2 * Math.PI : 2 * Math.PI;
  const cosines = Float64Array.from({ length: size / 2 }, (_, index) => Math.cos((turn * index) / size));
  const sines = Float64Array.from({ length: size / 2 }, (_, index) => Math.sin((turn * index) / size));
  for (let width = 2; width <= size; width *= 2) {
    const half = width / 2;
    const stride = size / width;
    for (let start = 0; start < size; start += width) {
      for (let offset = 0; offset < half; offset += 1) {
        const upper = start + offset;
        const lower = upper + half;
        const cosine = at(cosines, offset * stride);
        const sine = at(sines, offset * stride);
        const turnedReal = at(real, lower) * cosine - at(imaginary, lower) * sine;
        const turnedImaginary = at(real, lower) * sine + at(imaginary, lower) * cosine;
        real[lower] = at(real, upper) - turnedReal;
        imaginary[lower] = at(imaginary, upper) - turnedImaginary;
        real[upper] = at(real, upper) + turnedReal;
        imaginary[upper] = at(imaginary, upper) + turnedImaginary;
      }
    }
  }
}

function sortByReversedBits(values: Float64Array): void {
  for (let index = 1, reversed = 0; index < values.length; index += 1) {
    let bit = values.length >> 1;
    for (; (reversed & bit) !== 0; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (index < reversed) {
      const kept = at(values, index);
      values[index] = at(values, reversed);
      values[reversed] = kept;
    }
  }
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}
