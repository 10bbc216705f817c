// The life of one job: a recording on its way to one target. Words as Postfix uses them.

/**
 * incoming: new, not tried yet · active: being sent · deferred: failed for now, tried again later · hold: an operator's
 * turn, after a permanent failure or by hand · done: verified at the target.
 */
export type JobState = "incoming" | "active" | "deferred" | "hold" | "done";
