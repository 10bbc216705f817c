// Between the splitter and the parser: lets through only events about channels that are whole, and puts those together
// again that a caller's number has cut into several messages. See event-form for what a caller can do.
import { beginsGenuinely, hasForm, readWhole, type WholeEvent } from "./event-form.ts";

export interface EventMender {
  /** The next message. One that is not wanted is only looked at for what it says of the one before. */
  take(text: string, isWanted: boolean): void;
  /** Nothing more has come for now, and nothing is on its way: what is held is let go. */
  flush(): void;
  /** Also messages that are not wanted have to be shown. */
  readonly isHolding: boolean;
}

export interface Tampering {
  readonly event: string;
  /** False where nothing could be saved: what the event told of its call is lost. */
  readonly isMended: boolean;
}

export interface EventMenderParts {
  readonly emit: (text: string) => void;
  readonly onTampering: (tampering: Tampering) => void;
}

type Held =
  /** A number ends the message, so the rest of the event is still to come. */
  | { readonly state: "cut"; readonly event: string; readonly text: string }
  /** Held until it is clear that what follows is no part of it. */
  | {
      readonly state: "whole";
      readonly event: string;
      readonly whole: WholeEvent;
      readonly text: string;
      /** Messages that have come since, too short to tell whose they are. */
      readonly passed: string;
    };

const endOfMessage = "\r\n\r\n";
/** A cut event has at most 8 places to cut it, of 79 bytes each. */
const longestCutEvent = 8 * 1024;

/**
 * An extension (79 bytes) has room for false ids (39 bytes with a character for each value) and a CRLFCRLF, and so for an
 * event that seems to be whole. Then the genuine ids come at the beginning of one of the next messages, behind at most 40
 * bytes of the extension and the CRLF that Asterisk sets in front of them. In a message that Asterisk has begun they never
 * come so early.
 */
const longestRemainder = 42;
const idsHeader = /(?:^|\r\n)\w*Priority: /;
const longestIdsHeader = "\r\nLocalOnePriority: ".length;

export function createEventMender({ emit, onTampering }: EventMenderParts): EventMender {
  let held: Held | undefined;

  function flush(): void {
    if (held?.state !== "whole") return;
    const { event, whole } = held;
    held = undefined;
    if (whole.isTampered) onTampering({ event, isMended: true });
    emit(whole.text);
  }

  function drop(): void {
    if (held !== undefined) onTampering({ event: held.event, isMended: false });
    held = undefined;
  }

  function hold(event: string, text: string): void {
    const whole = readWhole(event, text);
    if (whole === undefined && !(beginsGenuinely(text) && text.length <= longestCutEvent)) {
      onTampering({ event, isMended: false });
      return;
    }
    flush();
    held =
      whole === undefined
        ? { state: "cut", event, text }
        : { state: "whole", event, whole, text, passed: "" };
  }

  function goOn(event: string, text: string): void {
    held = undefined;
    hold(event, text);
  }

  /** True when the message is a part of what is held. */
  function belongsToHeld(text: string): boolean {
    if (held === undefined) return false;
    if (held.state === "whole") {
      const idsAt = text.slice(0, longestRemainder + longestIdsHeader).search(idsHeader);
      const passed = held.passed + endOfMessage;
      if (idsAt >= 0 && passed.length + idsAt <= longestRemainder) {
        goOn(held.event, held.text + passed + text);
        return true;
      }
      if (passed.length + text.length > longestRemainder) flush();
      else held = { ...held, passed: passed + text };
      return false;
    }
    if (beginsGenuinely(text)) {
      drop();
      return false;
    }
    goOn(held.event, held.text + endOfMessage + text);
    // An answer may have been written by somebody outside, or not: it is known by its ActionID.
    return !text.startsWith("Response: ");
  }

  return {
    take(text, isWanted) {
      if (belongsToHeld(text) || !isWanted) return;
      const event = /^Event: ([^\r\n]*)/.exec(text)?.[1] ?? "";
      if (hasForm(event)) hold(event, text);
      else emit(text);
    },
    flush,
    get isHolding() {
      return held !== undefined;
    },
  };
}
