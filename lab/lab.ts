// The lab: a PBX under test with a small office on it, and a world around it that plays the trunk and the phones.
// All of it is real Asterisk on loopback, so what works here works on a desk; the demo, the tests on a real PBX and
// the benchmarks stand on it.

import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LabAccount, reachableBinary } from "./account.ts";
import type { AmiMessage, LabAmi } from "./ami.ts";
import { type Asterisk, startAsterisk } from "./asterisk.ts";
import { waitUntil } from "./deadline.ts";
import { type CallOptions, type LabCall, type Party, placeCall, pressDigits } from "./lab-call.ts";
import { LabError } from "./lab-error.ts";
import { createSpeaker, describeBehaviour, type PhoneBehaviour } from "./phone-behaviour.ts";
import { freePort } from "./ports.ts";
import { type AsteriskVersion, provisionAsterisk } from "./provision/asterisk.ts";

export type { CallOptions, LabCall, Party, PhoneName } from "./lab-call.ts";
export type { PhoneBehaviour, Speech } from "./phone-behaviour.ts";

/** The office's extensions, as its dialplan has them. */
export const EXTENSIONS = { alice: "10", bob: "11", carol: "12", dave: "13" } as const;

export interface LabOptions {
  readonly version: AsteriskVersion;
  readonly worldVersion?: AsteriskVersion;
  /** Is kept by `stop`; where not given, a temporary folder that `stop` removes. */
  readonly dir?: string;
  /** Of the PBX under test: left out although present, as in `bridge_native_rtp`. */
  readonly withoutModules?: readonly string[];
  /** Of the PBX under test; takes root. */
  readonly pbxAccount?: LabAccount;
}

export interface Lab {
  readonly dir: string;
  readonly pbx: Asterisk;
  readonly world: Asterisk;
  readonly amiPort: number;
  readonly sipPort: number;
  /** From the next call on. Every phone begins with an answer after 300 ms and a tone of 1000 Hz. */
  phone(who: Party, behaviour: PhoneBehaviour): Promise<void>;
  /** Returns as soon as the caller's channel is there. */
  call(options: CallOptions): Promise<LabCall>;
  /** Keys of the phone, in its latest call. */
  press(who: Party, digits: string): Promise<void>;
  /** The phone ends its latest call. */
  hangUp(who: Party): Promise<void>;
  hangUpAll(): Promise<void>;
  /** Until neither PBX nor world has a channel. */
  idle(timeoutMs?: number): Promise<void>;
  /** WAV file of a prompt, for the prompt finder. */
  promptFile(prompt: string): string;
  stop(): Promise<void>;
}

const PARTIES = ["alice", "bob", "carol", "dave", "trunk"] as const satisfies readonly Party[];
const MAX_PORT_ATTEMPTS = 5;

export async function startLab(options: LabOptions): Promise<Lab> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "mitschnitt-lab-")));
  await mkdir(dir, { recursive: true });
  const removeFolder = async () => {
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  };
  try {
    const { pbx, world } = await startBoth(options, dir);
    return await runLab(dir, pbx, world, removeFolder);
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/** Each has to know the other's port beforehand, so a port that is taken starts both anew. */
async function startBoth(options: LabOptions, dir: string): Promise<{ pbx: Asterisk; world: Asterisk }> {
  const { version, worldVersion = 22, pbxAccount } = options;
  const ownBinary = await provisionAsterisk(version);
  const worldBinary = version === worldVersion ? ownBinary : await provisionAsterisk(worldVersion);
  const pbxBinary = pbxAccount === undefined ? ownBinary : await reachableBinary(ownBinary, dir);
  for (let attempt = 1; ; attempt += 1) {
    const ports = { PBX_PORT: await freePort("udp"), WORLD_PORT: await freePort("udp") };
    const pbxFiles = await readConfig("pbx", { ...ports, SIP_PORT: ports.PBX_PORT });
    const worldFiles = await readConfig("world", { ...ports, SIP_PORT: ports.WORLD_PORT });
    const [pbx, world] = await Promise.allSettled([
      startAsterisk({
        binary: pbxBinary,
        dir: join(dir, "pbx"),
        files: () => pbxFiles,
        ports: { sip: ports.PBX_PORT },
        withoutModules: options.withoutModules ?? [],
        ...(pbxAccount === undefined ? {} : { account: pbxAccount }),
      }),
      startAsterisk({
        binary: worldBinary,
        dir: join(dir, "world"),
        files: () => worldFiles,
        ports: { sip: ports.WORLD_PORT },
      }),
    ]);
    if (pbx.status === "fulfilled" && world.status === "fulfilled")
      return { pbx: pbx.value, world: world.value };
    for (const side of [pbx, world]) if (side.status === "fulfilled") await side.value.stop();
    const reasons = [pbx, world].flatMap((side) => (side.status === "rejected" ? [side.reason] : []));
    const taken = reasons.every((reason) => reason instanceof LabError && reason.code === "lab-port-taken");
    if (!taken || attempt >= MAX_PORT_ATTEMPTS) throw reasons[0];
  }
}

async function readConfig(
  side: "pbx" | "world",
  values: Readonly<Record<string, number>>,
): Promise<Record<string, string>> {
  const folder = new URL(`config/${side}/`, import.meta.url);
  const files: Record<string, string> = {};
  for (const name of await readdir(folder)) {
    const text = await readFile(new URL(name, folder), "utf8");
    files[name] = text.replace(/@@(\w+)@@/g, (_, key: string) => String(values[key]));
  }
  return files;
}

async function runLab(
  dir: string,
  pbx: Asterisk,
  world: Asterisk,
  removeFolder: () => Promise<void>,
): Promise<Lab> {
  const speaker = createSpeaker({ dir: join(dir, "sounds"), dataDir: world.binary.dataDir });
  const channels = watchPhones(world.ami);

  function channelOf(who: Party): string {
    const channel = channels.get(who);
    if (channel !== undefined) return channel;
    throw new LabError(`${who}: no call has reached this phone`, {
      code: "lab-phone-idle",
      hint: "Call it first, and wait until it rings.",
    });
  }
  async function hangUp(who: Party): Promise<void> {
    await world.ami.request("Hangup", { Channel: channelOf(who), Cause: 16 }); // refused when it is over already
  }
  async function phone(who: Party, behaviour: PhoneBehaviour): Promise<void> {
    const value = await describeBehaviour(behaviour, speaker);
    await world.ami.action("Setvar", { Variable: `PHONE_${who}`, Value: value });
  }
  for (const who of PARTIES) await phone(who, {});

  return {
    dir,
    pbx,
    world,
    amiPort: pbx.amiPort,
    sipPort: pbx.sipPort,
    phone,
    call: (options) => placeCall(world.ami, speaker, options),
    press: (who, digits) => pressDigits(world.ami, channelOf(who), digits),
    hangUp,
    async hangUpAll() {
      for (const side of [world, pbx]) {
        await side.ami.request("Command", { Command: "channel request hangup all" });
      }
    },
    idle: (timeoutMs = 30_000) =>
      waitUntil(
        "no channel in PBX and world",
        async () => (await isIdle(world.ami)) && (await isIdle(pbx.ami)),
        {
          timeoutMs,
          intervalMs: 50,
        },
      ).then(() => {}),
    promptFile: speaker.promptFile,
    async stop() {
      await Promise.all([pbx.stop(), world.stop()]);
      await removeFolder();
    },
  };
}

/** Which channel of the world is whose phone: the PBX calls a phone by its name and a subscriber by a number. */
function watchPhones(ami: LabAmi): ReadonlyMap<Party, string> {
  const channels = new Map<Party, string>();
  ami.onEvent((event: AmiMessage) => {
    if (event.Event !== "Newchannel" || event.Context !== "called" || event.Channel === undefined) return;
    channels.set(PARTIES.find((party) => party === event.Exten) ?? "trunk", event.Channel);
  });
  return channels;
}

async function isIdle(ami: LabAmi): Promise<boolean> {
  const answer = await ami.action("Command", { Command: "core show channels count" });
  return /^0 active channels/m.test(answer.Output ?? "");
}
