// What the recording side logs through: pino's shape, an event and its fields. No numbers, no names of callers.

export interface RecordingLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
