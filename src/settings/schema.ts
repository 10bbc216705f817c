// The shape of settings.json, checked on every read and write. Secrets are not in it: they live in secrets/, named
// by what they open (`ami`, `target-<id>`). Unknown keys are errors, so that a slip of the pen is seen.

import { z } from "zod";

/** Rejects control characters: nothing that a person types here may end up as a second line of a protocol. */
const text = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    .regex(/^[^\u0000-\u001f\u007f]*$/, "expected no control characters");
const requiredText = (longest: number) => text(longest).min(1, "expected a value, got nothing");

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "expected 1–40 of a–z, 0–9 and -");
const host = requiredText(253).regex(/^[A-Za-z0-9._:-]+$/, "expected a host name or an IP address");
const port = z.number().int().min(1, "expected 1–65535").max(65535, "expected 1–65535");
const endpoint = requiredText(80).regex(
  /^[A-Za-z0-9]+\/[A-Za-z0-9_.+-]+$/,
  "expected TECHNOLOGY/NAME, as in PJSIP/10",
);

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
};

const member = z.strictObject({
  extension: requiredText(20).regex(/^[0-9*#+]+$/, "expected digits, as in 10"),
  name: text(80).default(""),
  endpoints: z.array(endpoint).min(1, "expected at least one endpoint, as in PJSIP/10").max(10),
});

const rule = z.strictObject({
  id,
  name: requiredText(80),
  enabled: z.boolean(),
  members: z.array(member).max(2000),
  directions: z.strictObject({ incoming: z.boolean(), outgoing: z.boolean(), internal: z.boolean() }),
  /** Who waits believes that nobody hears him, so it takes a decision to record it. */
  whileOnHold: z.enum(["stop", "record"]).default("stop"),
  /** What happens when the call has moved to somebody outside the group. */
  afterLeaving: z.enum(["stop", "record"]).default("stop"),
});

const interval = z.strictObject({ kind: z.literal("interval"), minutes: z.number().int().min(1).max(1440) });
const daily = z.strictObject({
  kind: z.literal("daily"),
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected HH:MM, as in 20:00"),
});

const schedule = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("at-once") }),
  interval,
  daily,
]);

const cleanup = z.strictObject({
  /** Fractions are allowed. A file grows every 2 s and is looked at every 2 s: below 0.1 live calls would look stuck. */
  stuckAfterMinutes: z.number().min(0.1, "expected 0.1–1440").max(1440, "expected 0.1–1440").default(10),
  /**
   * Hourly, since a stuck recording costs nothing but that it is delivered late: what hangs in the afternoon is with the
   * evening's delivery, and whoever looks into a hung phone at once still finds it as it was.
   */
  schedule: z
    .discriminatedUnion("kind", [z.strictObject({ kind: z.literal("off") }), interval, daily])
    .default({ kind: "interval", minutes: 60 }),
});

const targetBase = { id, name: requiredText(80), enabled: z.boolean(), schedule };

const folderTarget = z.strictObject({
  ...targetBase,
  kind: z.literal("folder"),
  /** Absolute; a mounted share counts as a folder. */
  path: requiredText(4096).startsWith("/", "expected an absolute path, as in /srv/recordings"),
});

const ftpTarget = z.strictObject({
  ...targetBase,
  kind: z.literal("ftp"),
  host,
  port: port.default(21),
  user: requiredText(200),
  security: z.enum(["none", "explicit", "implicit"]).default("explicit"),
  /** Where the files go, below the login's folder or absolute. */
  directory: text(1000).default(""),
});

const target = z.discriminatedUnion("kind", [folderTarget, ftpTarget]);

/** Reports the second and later uses of a value that has to be unique. */
const unique = <T>(
  what: string,
  list: readonly T[],
  key: (item: T) => string,
  ctx: z.RefinementCtx,
): void => {
  const seen = new Set<string>();
  list.forEach((item, index) => {
    const value = key(item);
    if (seen.has(value))
      ctx.addIssue({
        code: "custom",
        path: [index],
        message: `expected each ${what} once, got "${value}" again`,
      });
    seen.add(value);
  });
};

export const settingsSchema = z.strictObject({
  version: z.literal(1).default(1),
  language: z.enum(["de", "en"]).default("de"),
  timeZone: z
    .string()
    .refine(isTimeZone, "expected a time zone, as in Europe/Berlin")
    .default("Europe/Berlin"),
  pbx: z
    .strictObject({
      /** Goes into every row, so that many PBXes can share an archive. */
      id: id.default("pbx"),
      host: host.default("127.0.0.1"),
      port: port.default(5038),
      user: requiredText(80).default("mitschnitt"),
      tls: z.boolean().default(false),
      /** Endpoints through which calls come from and go to the outside. */
      trunks: z.array(endpoint).max(200).default([]),
    })
    .prefault({}),
  rules: z
    .array(rule)
    .max(200)
    .superRefine((rules, ctx) => unique("rule id", rules, (r) => r.id, ctx))
    .default([]),
  targets: z
    .array(target)
    .max(50)
    .superRefine((targets, ctx) => unique("target id", targets, (t) => t.id, ctx))
    .default([]),
  storage: z
    .strictObject({
      /** Below this much free space a recording is not begun, so that the journal can still be written. */
      reserveMiB: z.number().int().min(1).max(1_000_000).default(64),
      /** When recordings are ended that no live call owns. */
      cleanup: cleanup.prefault({}),
    })
    .prefault({}),
  report: z
    .strictObject({
      separator: z.enum([";", ",", "tab"]).default(";"),
    })
    .prefault({}),
});

export type Settings = z.output<typeof settingsSchema>;
export type TargetSettings = Settings["targets"][number];

export const defaultSettings = (): Settings => settingsSchema.parse({});

/** For editors and for people: `mitschnitt settings schema`. */
export const settingsJsonSchema = (): object => z.toJSONSchema(settingsSchema, { io: "input" });
