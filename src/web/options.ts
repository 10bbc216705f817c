// How `main` wants the pages served.

import type { ScryptCost } from "./access/password.ts";

/** pino's shape. */
export interface WebLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface WebOptions {
  /** `127.0.0.1` unless the administrator says otherwise. */
  readonly host: string;
  /** 0 takes a free one; `address` says which. */
  readonly port: number;
  /** Opens /api/v1 for the command line. */
  readonly controlToken: string;
  /** Recordings are served out of this folder, and out of no other. */
  readonly spoolFolder: string;
  readonly log: WebLog;
  /** Served through a proxy on this machine that speaks TLS: cookies get `Secure`, X-Forwarded-For is believed. */
  readonly secure?: boolean;
  readonly now?: () => Date;
  /** What new passwords cost; tests take less. */
  readonly passwordCost?: ScryptCost;
}
