import { expect } from "chai";
import { decodeAlaw, encodeAlaw } from "../../../lab/sip/g711.ts";
import { findPrompt, HEARD_SCORE } from "../../../lab/sound/prompt-finder.ts";

/** Syllables: hum and hiss that come and go, another sequence for each seed. */
function babble(seed: number, durationMs: number): Int16Array {
  let state = seed * 2_654_435_761;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  let pitch = 0;
  let hiss = 0;
  let loudness = 0;
  return Int16Array.from({ length: durationMs * 8 }, (_, index) => {
    if (index % 1200 === 0)
      [pitch, hiss, loudness] = [150 + 80 * random(), random() + 0.5, 4000 + 6000 * random()];
    const hum = [1, 2, 3, 4, 5].reduce(
      (sum, n) => sum + Math.sin((2 * Math.PI * n * pitch * index) / 8000) / n,
      0,
    );
    return Math.round(loudness * (0.5 * hum + hiss * random()));
  });
}
function mix(one: Int16Array, other: Int16Array, delayMs: number): Int16Array {
  const sum = Uint8Array.from(other, (sample, index) => encodeAlaw(sample + (one[index - delayMs * 8] ?? 0)));
  return decodeAlaw(sum);
}

describe("prompt finder", () => {
  const prompt = babble(1, 5_000);

  it("finds a prompt beside another voice, and where it begins", () => {
    const match = findPrompt(mix(prompt, babble(2, 20_000), 7_250), prompt);
    expect(match.score).to.be.greaterThan(HEARD_SCORE);
    expect(match.positionMs).to.be.closeTo(7_250, 1);
  });

  it("finds a prompt across the border of its blocks", () => {
    const match = findPrompt(mix(prompt, babble(2, 40_000), 15_500), prompt);
    expect(match.positionMs).to.be.closeTo(15_500, 1);
  });

  it("finds a prompt whose beginning was lost", () => {
    const match = findPrompt(prompt.subarray(400 * 8), prompt);
    expect(match.score).to.be.greaterThan(0.9);
    expect(match.positionMs).to.be.closeTo(-400, 1);
  });

  it("does not hear a prompt that is not there", () => {
    expect(findPrompt(mix(babble(3, 20_000), babble(2, 20_000), 0), prompt).score).to.be.lessThan(0.25);
  });

  it("hears nothing in silence, and nothing in nothing", () => {
    expect(findPrompt(new Int16Array(80_000), prompt).score).to.equal(0);
    expect(findPrompt(new Int16Array(0), prompt).score).to.equal(0);
  });

  it("takes less than a second for 20 s", () => {
    const recording = mix(prompt, babble(2, 20_000), 7_000);
    const startedAt = performance.now();
    findPrompt(recording, prompt);
    expect(performance.now() - startedAt).to.be.lessThan(1_000);
  });
});
