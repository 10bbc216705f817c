import { expect } from "chai";
import { createLanes, type Lane } from "../../../lab/calls/lanes.ts";
import { type Finding, judge } from "../../../lab/calls/oracle.ts";
import { decodeAlaw, encodeAlaw } from "../../../lab/sip/g711.ts";
import { findVoices } from "../../../lab/sound/voice-finder.ts";

const talkMs = 2_000;
const packet = 160;

const overTheWire = (samples: Int16Array): Int16Array => decodeAlaw(Uint8Array.from(samples, encodeAlaw));
const mixOf = (...parts: readonly Int16Array[]): Int16Array =>
  Int16Array.from({ length: Math.max(...parts.map(({ length }) => length)) }, (_, at) =>
    parts.reduce((sum, part) => sum + (part[at] ?? 0), 0),
  );
const cut = (samples: Int16Array, fromMs: number, cutMs: number): Int16Array =>
  Int16Array.from([...samples.subarray(0, fromMs * 8), ...samples.subarray((fromMs + cutMs) * 8)]);
const short = (findings: readonly Finding[]) =>
  findings.map((finding) => ("lane" in finding ? `${finding.kind} ${finding.lane.who}` : finding.kind));
const lengths = (findings: readonly Finding[]) =>
  findings.map((finding) => ("lengthMs" in finding ? finding.lengthMs : 0));

/** Anna, a member, talks with Xenia; in another room Fritz talks with Yves. All of them are heard. */
function conversation() {
  const lanes = createLanes();
  const speak = (lane: Lane): Int16Array => {
    const packets = Array.from({ length: (talkMs * 8) / packet }, (_, at) => lane.sound(at * packet, packet));
    return overTheWire(Int16Array.from(packets.flatMap((samples) => [...samples])));
  };
  const [anna, xenia] = [lanes.open("anna", 1), lanes.open("xenia", 1)];
  const [fritz, yves] = [lanes.open("fritz", 2), lanes.open("yves", 2)];
  const voices = { anna: speak(anna), xenia: speak(xenia), fritz: speak(fritz), yves: speak(yves) };
  const ears = [
    { isMember: true, lane: anna, heard: findVoices(voices.xenia) },
    { isMember: false, lane: xenia, heard: findVoices(voices.anna) },
    { isMember: false, lane: fritz, heard: findVoices(voices.yves) },
    { isMember: false, lane: yves, heard: findVoices(voices.fritz) },
  ];
  const judged = (...recordings: readonly Int16Array[]) =>
    judge({
      lanes,
      ears,
      recordings: recordings.map((samples, at) => ({ name: `${at}`, heard: findVoices(samples) })),
      isMembers: (lane) => lane === anna,
    });
  return { voices, ears, judged, good: mixOf(voices.anna, voices.xenia) };
}

describe("oracle of recordings", () => {
  it("is content with both voices of a member's conversation, in one recording or in two", () => {
    const { judged, good } = conversation();
    expect(judged(good)).to.eql([]);
    expect(judged(good.slice(0, 8_000), good.slice(8_000))).to.eql([]);
  });

  it("misses 300 ms that were cut out, in both voices", () => {
    const { judged, good } = conversation();
    const findings = judged(cut(good, 900, 300));
    expect(short(findings)).to.eql(["missing anna", "missing xenia"]);
    for (const length of lengths(findings)) expect(length).to.be.closeTo(300, 10);
  });

  it("misses a voice that was not recorded, and a recording that was not made", () => {
    const { judged, voices } = conversation();
    expect(short(judged(voices.xenia))).to.eql(["missing anna"]);
    expect(short(judged())).to.eql(["missing anna", "missing xenia"]);
    expect(lengths(judged())[0]).to.be.closeTo(talkMs, 20);
  });

  it("finds a voice that no member heard", () => {
    const { judged, good, voices } = conversation();
    expect(short(judged(good, voices.yves))).to.eql(["too-much yves"]);
    expect(short(judged(mixOf(good, voices.yves)))).to.eql(["mixed-up", "too-much yves"]);
  });

  it("finds what was recorded while nobody heard it, as on hold", () => {
    const { judged, good, ears } = conversation();
    const [anna, xenia] = ears;
    if (anna === undefined || xenia === undefined) throw new Error("two ears");
    for (const ear of [anna, xenia])
      ear.heard = ear.heard.map((utterance) => ({ ...utterance, untilMs: utterance.untilMs - 500 }));
    const findings = judged(good);
    expect(short(findings)).to.eql(["too-much anna", "too-much xenia"]);
    // Less what the recorder may take to react.
    for (const length of lengths(findings)) expect(length).to.be.closeTo(400, 10);
  });

  it("finds sounds that nobody made", () => {
    const { judged, good } = conversation();
    const later = conversation();
    const stranger = createLanes().open("emil", 1);
    stranger.sound(0, packet);
    // Far behind the moments that were given out.
    const ghost = overTheWire(stranger.sound(30 * 8_000, 8_000));
    expect(short(later.judged(good, ghost))).to.include("nobody");
    expect(short(judged(good))).to.eql([]);
  });
});
