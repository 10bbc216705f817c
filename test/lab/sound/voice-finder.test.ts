import { expect } from "chai";
import { createChance } from "../../../lab/calls/chance.ts";
import { decodeAlaw, encodeAlaw } from "../../../lab/sip/g711.ts";
import { tone } from "../../../lab/sound/tone.ts";
import { speak, VOICE_AMPLITUDE, type VoiceMoment } from "../../../lab/sound/voice-clock.ts";
import { findVoices } from "../../../lab/sound/voice-finder.ts";

const spokenMs = 3_000;
const overTheWire = (samples: Int16Array): Int16Array => decodeAlaw(Uint8Array.from(samples, encodeAlaw));
const said = (start: VoiceMoment): Int16Array => overTheWire(speak(start, 0, spokenMs * 8));
const mixOf = (...parts: readonly Int16Array[]): Int16Array =>
  Int16Array.from({ length: Math.max(...parts.map(({ length }) => length)) }, (_, at) =>
    parts.reduce((sum, part) => sum + (part[at] ?? 0), 0),
  );
const cut = (samples: Int16Array, fromMs: number, cutMs: number): Int16Array =>
  Int16Array.from([...samples.subarray(0, fromMs * 8), ...samples.subarray((fromMs + cutMs) * 8)]);

/** Neighbouring bands, where one voice stands high and the other low, are the hardest. */
const trios: readonly (readonly VoiceMoment[])[] = [
  [
    { band: 0, ms: 46_000 },
    { band: 1, ms: 0 },
    { band: 2, ms: 20_000 },
  ],
  [
    { band: 3, ms: 1_234 },
    { band: 6, ms: 33_333 },
    { band: 8, ms: 40_000 },
  ],
  [
    { band: 4, ms: 5_000 },
    { band: 5, ms: 44_000 },
    { band: 7, ms: 12_000 },
  ],
];

describe("voices that are clocks", () => {
  it("tell who spoke and at which moments, in a mix that went over the wire twice", () => {
    for (const voices of trios) {
      const found = findVoices(overTheWire(mixOf(...voices.map(said))));
      expect(found.map(({ band }) => band)).to.have.members(voices.map(({ band }) => band));
      for (const { band, fromMs, untilMs, atMs } of found) {
        const ms = voices.find((voice) => voice.band === band)?.ms ?? 0;
        expect(fromMs).to.be.closeTo(ms, 10);
        expect(untilMs).to.be.closeTo(ms + spokenMs, 10);
        expect(atMs).to.be.closeTo(0, 10);
      }
    }
  });

  it("show by a jump what was cut out, in each of the voices", () => {
    for (const voices of trios) {
      for (const cutMs of [50, 60, 100, 300]) {
        const found = findVoices(cut(overTheWire(mixOf(...voices.map(said))), 1_500, cutMs));
        for (const { band } of voices) {
          const [before, after, ...more] = found.filter((utterance) => utterance.band === band);
          expect(more).to.eql([]);
          expect((after?.fromMs ?? 0) - (before?.untilMs ?? 0)).to.be.closeTo(cutMs, 10);
        }
      }
    }
  });

  it("show a silence where they paused, and go on by their clock", () => {
    const samples = said({ band: 2, ms: 7_000 });
    samples.fill(0, 1_000 * 8, 1_200 * 8);
    const found = findVoices(samples);
    expect(found).to.have.length(2);
    expect(found[0]?.untilMs).to.be.closeTo(8_000, 15);
    expect(found[1]?.fromMs).to.be.closeTo(8_200, 15);
  });

  it("are told from each other although one phone says both", () => {
    const found = findVoices(
      Int16Array.from([...said({ band: 1, ms: 2_000 }), ...said({ band: 1, ms: 30_000 })]),
    );
    expect(found.map(({ fromMs }) => Math.round(fromMs / 1_000))).to.eql([2, 30]);
  });

  it("are not heard in silence, ringing, held notes, gliding ones or noise", () => {
    const ringing = tone(425, spokenMs, VOICE_AMPLITUDE);
    const notes = mixOf(...[523, 1_046, 1_568].map((hz) => tone(hz, spokenMs, VOICE_AMPLITUDE)));
    const glide = Int16Array.from({ length: spokenMs * 8 }, (_, at) =>
      Math.round(VOICE_AMPLITUDE * Math.sin(2 * Math.PI * (600 + (at / 8_000) * 60) * (at / 8_000))),
    );
    const chance = createChance(1);
    const noise = Int16Array.from({ length: spokenMs * 8 }, () => chance.between(-20_000, 20_000));
    for (const sound of [new Int16Array(spokenMs * 8), ringing, notes, glide, noise])
      expect(findVoices(overTheWire(sound))).to.eql([]);
  });
});
