// The AMI user that the installer makes: who it is, what it may, from where. Its secret opens a shell on the PBX (class
// `system`, through MixMonitor), so everything here is as narrow as Asterisk lets it be.

import { isIPv6 } from "node:net";
import { type ConfigSection, configValue } from "./asterisk-config.ts";

/**
 * Tried one by one on 16.28 and 22.10. `call`: the channels' events. `user`: the dialplan's UserEvents. `system`: FullyBooted,
 * which tells that a PBX that was just started is ready. `reporting`: RTCPSent, which tells of phones that begin their RTP anew.
 */
export const amiReadClasses = ["call", "user", "system", "reporting"] as const;

/** `system`: MixMonitor, StopMixMonitor, CoreShowChannels, CoreSettings. `reporting`: GetVar, for a MixMonitor's id, hold and SSRC. */
export const amiWriteClasses = ["system", "reporting"] as const;

/** The module stalls for a moment on a busy machine; Asterisk's own 100 ms would cut it off. */
const writeTimeoutMs = 5000;

export interface AmiAddress {
  readonly host: string;
  readonly port: number;
}

export interface AmiUser {
  readonly user: string;
  readonly secret: string;
  /** The only address it may log in from: the one that this machine reaches its own AMI by. */
  readonly permit: string;
}

/** Text of mitschnitt-manager.conf. */
export function amiUserConf({ user, secret, permit }: AmiUser): string {
  return [
    "; Mitschnitt: its AMI user, written by its installer. Changes here are lost with the next `mitschnitt install`.",
    "; Keep the secret as you keep root's password: the class `system` is as good as a shell.",
    "",
    `[${user}]`,
    `secret = ${secret}`,
    "; The first line says nothing of IPv6: without the second one, anybody there could log in.",
    "deny = 0.0.0.0/0.0.0.0",
    "deny = ::/0",
    `permit = ${permit}/${isIPv6(permit) ? 128 : 32}`,
    `read = ${amiReadClasses.join(",")}`,
    `write = ${amiWriteClasses.join(",")}`,
    `writetimeout = ${writeTimeoutMs}`,
    "",
  ].join("\n");
}

export interface AmiGeneral extends AmiAddress {
  readonly enabled: boolean;
}

/** What manager.conf says of AMI itself. */
export function amiGeneral(sections: readonly ConfigSection[]): AmiGeneral {
  const value = (key: string) => configValue(sections, "general", key);
  const bound = (value("bindaddr") ?? "").replace(/^\[(.*)\]$/, "$1");
  const everywhere = ["", "0.0.0.0", "::", "localhost"].includes(bound);
  return {
    // The words that Asterisk takes for true.
    enabled: /^(yes|true|y|t|1|on)$/i.test(value("enabled") ?? ""),
    host: everywhere ? "127.0.0.1" : bound,
    port: Number.parseInt(value("port") ?? "", 10) || 5038,
  };
}
