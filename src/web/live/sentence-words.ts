// Puts the overview's sentence into the reader's language.

import { assertNever } from "../../core/errors.ts";
import { roughDuration } from "../../words/formats.ts";
import { conditionText } from "../../words/reason-words.ts";
import type { Words } from "../../words/words.ts";
import type { OverviewSentence } from "./overview-sentence.ts";

export function sentenceText(words: Words, sentence: OverviewSentence): string {
  if (sentence.tone === "fine") {
    const { recordingNow, recordedToday, waiting, hasTarget } = sentence;
    return words("sentence.fine", {
      now: words("sentence.now", { count: recordingNow }),
      today: words("sentence.today", { count: recordedToday }),
      delivered: deliveredText(words, waiting, hasTarget, recordedToday),
    });
  }
  switch (sentence.kind) {
    case "setup-rule":
    case "setup-pbx":
    case "connecting":
    case "stopped":
    case "settings":
    case "disk-full":
      return words(`sentence.${sentence.kind}`);
    case "rule-off":
      return words("sentence.rule-off", { rule: sentence.rule });
    case "pbx-down":
      return sentence.forMs === undefined
        ? words("sentence.pbx-down")
        : words("sentence.pbx-down-since", { duration: roughDuration(words, sentence.forMs) });
    case "target-down":
      return sentence.forMs === undefined
        ? words("sentence.target-down", { target: sentence.target, count: sentence.waiting })
        : words("sentence.target-down-since", {
            target: sentence.target,
            count: sentence.waiting,
            duration: roughDuration(words, sentence.forMs),
          });
    case "on-hold":
    case "failed-today":
      return words(`sentence.${sentence.kind}`, { count: sentence.count });
    case "other-problem":
      return words("sentence.other-problem", { message: conditionText(words, sentence.condition).message });
    default:
      return assertNever(sentence);
  }
}

function deliveredText(words: Words, waiting: number, hasTarget: boolean, recordedToday: number): string {
  if (!hasTarget) return words("sentence.no-target");
  if (waiting > 0) return words("sentence.waiting", { count: waiting });
  return recordedToday > 0 ? words("sentence.delivered") : words("sentence.nothing-waiting");
}
