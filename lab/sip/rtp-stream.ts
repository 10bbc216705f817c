// The audio of one call of the SIP phone (RFC 3550, RFC 4733): sends its sound and digits every 20 ms, keeps what it
// hears. Sequence number and SSRC can be set, since what a PBX does when they jump is worth testing.

import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { ALAW_SILENCE, decodeAlaw, encodeAlaw } from "./g711.ts";
import { ALAW_PAYLOAD, DIGIT_PAYLOAD } from "./sdp.ts";

export interface RtpNumbering {
  readonly sequence?: number;
  readonly ssrc?: number;
}

/** What a phone says: the samples from one on, counted from its first packet at 8 kHz. */
export type Sound = (from: number, length: number) => Int16Array;

/** Over and over. */
export function repeated(samples: Int16Array): Sound {
  if (samples.length === 0) return (_, length) => new Int16Array(length);
  return (from, length) =>
    Int16Array.from({ length }, (_, index) => samples[(from + index) % samples.length] ?? 0);
}

export interface RtpStream {
  readonly port: number;
  readonly sound: Sound;
  /** Sends there from now on; a second call changes the address. */
  sendTo(port: number): void;
  /** Silent on the wire, too: not a packet. */
  mute(muted: boolean): void;
  /** What comes in meanwhile is not heard: a phone that holds the line is not at anybody's ear. */
  deafen(deaf: boolean): void;
  /** As a phone that starts its RTP anew: random numbers where none are given. */
  restart(numbering?: RtpNumbering): void;
  /** One digit, 140 ms and its pause. */
  sendDigit(digit: string): Promise<void>;
  /** From the first packet; where none came for a while there is silence, so that time stays true. */
  heard(): Int16Array;
  /** The last samples of that; fewer where there are not so many. */
  heardLately(length: number): Int16Array;
  /** When packets that belong together came apart, from the one to the next, by `performance.now()`: somebody stood still. */
  delays(): readonly Delay[];
  digitsHeard(): string;
  packetsHeard(): number;
  close(): void;
}

export interface Delay {
  readonly fromMs: number;
  readonly untilMs: number;
}

const PACKET_MS = 20;
const PACKET_SAMPLES = 160;
const TICK_MS = 5;
const HEADER_BYTES = 12;
const MARKER = 0x80;
const DIGITS = "0123456789*#ABCD";
/** Packets of one digit; the last three say that it is over, in case one is lost. */
const DIGIT_PACKETS = 9;
const DIGIT_END_PACKETS = 3;
const DIGIT_PAUSE_PACKETS = 6;
const MAX_HEARD_PACKETS = 30_000; // ten minutes
const GAP_MS = 60;
/** Between two packets that were spoken 20 ms apart. */
const DELAY_MS = 60;

interface DigitInProgress {
  readonly event: number;
  readonly timestamp: number;
  sent: number;
  readonly done: () => void;
}

export async function createRtpStream(sound: Sound, numbering?: RtpNumbering): Promise<RtpStream> {
  const socket = createSocket("udp4");
  const listening = once(socket, "listening");
  socket.bind(0, "127.0.0.1");
  await listening;

  let remotePort = 0;
  let muted = false;
  let deaf = false;
  /** Samples since the first packet, also while nothing was sent: time goes on. */
  let played = 0;
  let timestamp = 0;
  let { sequence, ssrc } = chooseNumbers(numbering);
  let digit: DigitInProgress | undefined;
  const heard: Int16Array[] = [];
  let packets = 0;
  let heardUntil = 0;
  let digitsHeard = "";
  let lastDigitTimestamp = -1;
  let lastSpokenAt = -1;
  let lastCameAtMs = 0;
  const delays: Delay[] = [];

  socket.on("message", (packet: Buffer) => {
    if (packet.length < HEADER_BYTES) return;
    const payload = packet.readUInt8(1) & 0x7f;
    noteDelay(packet.readUInt32BE(4));
    if (payload === ALAW_PAYLOAD && !deaf) hear(decodeAlaw(packet.subarray(HEADER_BYTES)));
    if (payload === DIGIT_PAYLOAD) hearDigit(packet.readUInt32BE(4), packet.readUInt8(HEADER_BYTES));
  });
  socket.on("error", () => {}); // the other side's port may be closed already

  function noteDelay(spokenAt: number): void {
    const now = performance.now();
    if (spokenAt - lastSpokenAt === PACKET_SAMPLES && now - lastCameAtMs > DELAY_MS) {
      delays.push({ fromMs: lastCameAtMs, untilMs: now });
    }
    lastSpokenAt = spokenAt;
    lastCameAtMs = now;
  }

  function hear(samples: Int16Array): void {
    packets += 1;
    if (heard.length >= MAX_HEARD_PACKETS) return;
    const now = performance.now();
    if (heardUntil === 0) heardUntil = now;
    if (now - heardUntil > GAP_MS) {
      heard.push(new Int16Array(Math.round((now - heardUntil) * 8)));
      heardUntil = now;
    }
    heard.push(samples);
    heardUntil += samples.length / 8;
  }

  function hearDigit(at: number, event: number): void {
    if (at === lastDigitTimestamp) return; // every digit comes in several packets
    lastDigitTimestamp = at;
    digitsHeard += DIGITS[event] ?? "?";
  }

  function nextSilence(): Buffer {
    const packet = Buffer.alloc(HEADER_BYTES + PACKET_SAMPLES, ALAW_SILENCE);
    packet.writeUInt8(ALAW_PAYLOAD, 1);
    packet.writeUInt32BE(timestamp >>> 0, 4);
    return packet;
  }

  function nextAudio(): Buffer {
    const packet = nextSilence();
    for (const [index, sample] of sound(played, PACKET_SAMPLES).entries()) {
      packet.writeUInt8(encodeAlaw(sample), HEADER_BYTES + index);
    }
    return packet;
  }

  function nextDigitPacket(current: DigitInProgress): Buffer | undefined {
    const index = current.sent;
    current.sent += 1;
    if (index >= DIGIT_PACKETS + DIGIT_PAUSE_PACKETS) {
      digit = undefined;
      current.done();
    }
    if (index >= DIGIT_PACKETS) return nextSilence(); // who presses keys does not speak
    const lastSample = Math.min(index + 1, DIGIT_PACKETS - DIGIT_END_PACKETS + 1) * PACKET_SAMPLES;
    const packet = Buffer.alloc(HEADER_BYTES + 4);
    packet.writeUInt8(DIGIT_PAYLOAD | (index === 0 ? MARKER : 0), 1);
    packet.writeUInt32BE(current.timestamp >>> 0, 4);
    packet.writeUInt8(current.event, HEADER_BYTES);
    const over = index >= DIGIT_PACKETS - DIGIT_END_PACKETS ? 0x80 : 0;
    packet.writeUInt8(over | 10, HEADER_BYTES + 1); // volume −10 dBm0
    packet.writeUInt16BE(lastSample, HEADER_BYTES + 2);
    return packet;
  }

  function sendPacket(): void {
    if (remotePort !== 0 && !muted) {
      const packet = digit === undefined ? nextAudio() : nextDigitPacket(digit);
      if (packet !== undefined) {
        packet.writeUInt8(0x80, 0); // version 2
        packet.writeUInt16BE(sequence, 2);
        packet.writeUInt32BE(ssrc, 8);
        sequence = (sequence + 1) & 0xffff;
        socket.send(packet, remotePort, "127.0.0.1");
      }
    }
    timestamp += PACKET_SAMPLES;
    if (remotePort !== 0) played += PACKET_SAMPLES;
  }

  let nextPacketAt = performance.now();
  const timer = setInterval(() => {
    for (; performance.now() >= nextPacketAt; nextPacketAt += PACKET_MS) sendPacket();
  }, TICK_MS);

  return {
    port: socket.address().port,
    sound,
    sendTo(port) {
      remotePort = port;
    },
    mute(value) {
      muted = value;
    },
    deafen(value) {
      deaf = value;
    },
    restart(wanted) {
      ({ sequence, ssrc } = chooseNumbers(wanted));
      timestamp = randomInt(2 ** 31);
    },
    sendDigit: (character) =>
      new Promise((done) => {
        digit = { event: Math.max(0, DIGITS.indexOf(character)), timestamp, sent: 0, done };
      }),
    heard: () => joined(heard),
    heardLately(length) {
      let first = heard.length;
      for (let found = 0; first > 0 && found < length; found += heard[first]?.length ?? 0) first -= 1;
      return joined(heard.slice(first)).slice(-length);
    },
    delays: () => delays,
    digitsHeard: () => digitsHeard,
    packetsHeard: () => packets,
    close() {
      clearInterval(timer);
      digit?.done();
      socket.close();
    },
  };
}

function joined(pieces: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(pieces.reduce((total, samples) => total + samples.length, 0));
  let at = 0;
  for (const samples of pieces) {
    all.set(samples, at);
    at += samples.length;
  }
  return all;
}

function chooseNumbers({ sequence, ssrc }: RtpNumbering = {}): { sequence: number; ssrc: number } {
  return { sequence: sequence ?? randomInt(2 ** 16), ssrc: ssrc ?? randomInt(2 ** 32) };
}
