// The rules by which a call of the past is judged: those that were in force when it began, not today's.

import type { Dialling, Rule } from "../core/rule.ts";
import type { JournalDb } from "../journal/journal.ts";
import { type SettingsVersion, settingsAt } from "../journal/settings-history.ts";
import { parseSettings } from "../settings/field-errors.ts";
import { defaultSettings, type Settings } from "../settings/schema.ts";

export interface RulesInForce {
  readonly rules: readonly Rule[];
  readonly dialling: Dialling;
}

export const rulesOf = ({ rules, pbx }: Pick<Settings, "rules" | "pbx">): RulesInForce => ({
  rules,
  dialling: { trunks: pbx.trunks },
});

/** Asked in the order of time, it reads each version of the settings once. */
export function createRulesInForce(db: JournalDb): (at: Date) => Promise<RulesInForce> {
  let read: (SettingsVersion & { readonly inForce: RulesInForce }) | undefined;
  return async (at) => {
    const atMs = at.getTime();
    if (read !== undefined && atMs >= read.fromMs && atMs < read.untilMs) return read.inForce;
    const version = await settingsAt(db, at);
    if (version === undefined) return rulesOf(defaultSettings());
    const settings = parseSettings(JSON.parse(version.settings), "former settings in the journal");
    read = { ...version, inForce: rulesOf(settings) };
    return read.inForce;
  };
}
