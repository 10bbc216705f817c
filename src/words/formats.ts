// Times, lengths and sizes as the reader writes them, in the time zone of the settings.

import type { Language, Words } from "./words.ts";

export interface Formats {
  /** `22.11.2026 13:50:07` in German, `2026-11-22 13:50:07` in English: sortable or at home, never ambiguous. */
  dateTime(atMs: number): string;
  /** `22.11.2026` or `2026-11-22`. */
  date(atMs: number): string;
  /** `13:50:07`. */
  time(atMs: number): string;
  /** `13:50`. */
  timeOfDay(atMs: number): string;
  /** `4,2 GB`: powers of ten, as disks are sold and file managers count. */
  bytes(sizeBytes: number): string;
}

export function createFormats(language: Language, timeZone: string): Formats {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const read = (atMs: number): Record<string, string> =>
    Object.fromEntries(parts.formatToParts(atMs).map((part) => [part.type, part.value]));
  const date = (p: Record<string, string>): string =>
    language === "de" ? `${p.day}.${p.month}.${p.year}` : `${p.year}-${p.month}-${p.day}`;
  const time = (p: Record<string, string>): string => `${p.hour}:${p.minute}:${p.second}`;
  return {
    dateTime(atMs) {
      const p = read(atMs);
      return `${date(p)} ${time(p)}`;
    },
    date: (atMs) => date(read(atMs)),
    time: (atMs) => time(read(atMs)),
    timeOfDay: (atMs) => time(read(atMs)).slice(0, 5),
    bytes: (sizeBytes) => formatBytes(sizeBytes, language),
  };
}

const byteUnits = ["B", "kB", "MB", "GB", "TB"] as const;

function formatBytes(sizeBytes: number, language: Language): string {
  let value = Math.max(0, sizeBytes);
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return `${number}\u00a0${byteUnits[unit]}`;
}

const pad = (value: number): string => String(value).padStart(2, "0");

/** A length as pages show it: `3:07`, `1:03:07`. */
export function formatDuration(durationMs: number): string {
  const { hours, minutes, seconds } = split(durationMs);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}

/** A length with its hours, as the report has it and spreadsheets read it: `0:03:07`. */
export function formatClockDuration(durationMs: number): string {
  const { hours, minutes, seconds } = split(durationMs);
  return `${hours}:${pad(minutes)}:${pad(seconds)}`;
}

function split(durationMs: number): { hours: number; minutes: number; seconds: number } {
  const total = Math.max(0, Math.round(durationMs / 1000));
  return { hours: Math.floor(total / 3600), minutes: Math.floor(total / 60) % 60, seconds: total % 60 };
}

/** A rough length after "for" or "seit": `2 hours`, `17 Minuten`. */
export function roughDuration(words: Words, durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 90) return words("duration.seconds", { count: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return words("duration.minutes", { count: minutes });
  const hours = Math.round(minutes / 60);
  return hours < 36
    ? words("duration.hours", { count: hours })
    : words("duration.days", { count: Math.round(hours / 24) });
}
