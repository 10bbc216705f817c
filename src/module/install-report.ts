// What an installation did, in words for a person and in codes for a program. Filled by the installer's steps.

export interface Step {
  /** As in `ami-user`, `dialplan`; stable. */
  readonly what: string;
  /** A path, mostly. */
  readonly detail: string;
}

export interface InstallWarning {
  readonly code: string;
  readonly message: string;
  /** What the operator can do about it. */
  readonly hint: string;
}

export interface InstallReport {
  /** With a dry run: what would be done. */
  readonly done: readonly Step[];
  /** What needed no change. */
  readonly already: readonly Step[];
  readonly warnings: readonly InstallWarning[];
  /** False: files only, Asterisk reads them when it starts. */
  readonly asteriskRunning: boolean;
  readonly dryRun: boolean;
}

export interface ReportBuilder {
  step(changed: boolean, what: string, detail: string): void;
  warn(code: string, message: string, hint: string): void;
  build(facts: { readonly asteriskRunning: boolean; readonly dryRun: boolean }): InstallReport;
}

export function createReportBuilder(): ReportBuilder {
  const done: Step[] = [];
  const already: Step[] = [];
  const warnings: InstallWarning[] = [];
  return {
    step: (changed, what, detail) => (changed ? done : already).push({ what, detail }),
    warn: (code, message, hint) => warnings.push({ code, message, hint }),
    build: (facts) => ({ done, already, warnings, ...facts }),
  };
}
