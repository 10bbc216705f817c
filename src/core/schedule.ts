// When a target's jobs are due. Pure: the queue asks at each tick with the clock's reading and the last run that the
// journal knows, so that a schedule that was slept through is caught up once.

export type Schedule =
  | { readonly kind: "at-once" }
  | { readonly kind: "interval"; readonly minutes: number }
  /** `time` is HH:MM on the wall clock of the settings' time zone. */
  | { readonly kind: "daily"; readonly time: string };
