// The rules by which a call of the past is judged: those that were in force when it began, not today's.

import type { Dialling, Rule } from "../core/rule.ts";
import type { JournalDb } from "../journal/journal.ts";
import { settingsIdAt, settingsVersion } from "../journal/settings-history.ts";
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
  let read: { readonly id: number; readonly inForce: RulesInForce } | undefined;
  return async (at) => {
    const id = await settingsIdAt(db, at);
    if (id === undefined) return rulesOf(defaultSettings());
    if (read?.id === id) return read.inForce;
    const version = await settingsVersion(db, id);
    const settings: unknown = JSON.parse(version?.settings ?? "{}");
    read = { id, inForce: rulesOf(parseSettings(settings, "former settings in the journal")) };
    return read.inForce;
  };
}
