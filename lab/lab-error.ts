// What the lab throws: code, hint and cause like every error of the project, so that a failed demo says what to do.

import { MitschnittError } from "../src/core/errors.ts";

export class LabError extends MitschnittError {}
