// What an Asterisk can do, told from its version.

/** The last one that was measured without the defect, 16.28; the report is of 18.20, and 22.10 has it. */
const lastSoundMajor = 16;

/**
 * Whether a MixMonitor of this Asterisk loses a voice when its RTP sequence numbers jump backwards, as they may with a new
 * peer and after a hold (asterisk/asterisk#507). `version` as CoreSettings gives it, `22.10.1+dfsg`; an unknown one is
 * taken for one that does: the repair costs 60 ms a change, the defect costs a voice.
 */
export function losesRestartedRtp(version: string): boolean {
  const major = /^(?:certified[-/])?(\d+)\./.exec(version)?.[1];
  return major === undefined || Number(major) > lastSoundMajor;
}
