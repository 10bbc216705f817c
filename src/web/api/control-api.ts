// What the command line asks the running module: its status, to deliver now, to clean up. JSON, opened by the control token.

import { type Express, json } from "express";
import { MitschnittError } from "../../core/errors.ts";
import { requireBearer } from "../access/bearer.ts";
import { flagOf, textOf } from "../forms/form-body.ts";
import type { WebServices } from "../services.ts";

export function controlApi(app: Express, services: WebServices, controlToken: string): void {
  const gate = requireBearer(controlToken);

  app.get("/api/v1/status", gate, async (_req, res) => {
    const [deliveries, space] = await Promise.all([services.deliveries(), services.space()]);
    res.json({
      version: services.version,
      pbx: services.pbx(),
      conditions: services.conditions(),
      calls: services.liveCalls(),
      deliveries,
      space,
    });
  });

  app.post("/api/v1/deliver", gate, json({ limit: "8kb" }), (req, res) => {
    const targetId = textOf(req.body, "targetId");
    const { targets } = services.settings.current();
    if (targetId !== "" && !targets.some((target) => target.id === targetId)) {
      res.status(404).json({ error: "no-such-target", targets: targets.map((target) => target.id) });
      return;
    }
    services.deliverNow(targetId === "" ? undefined : targetId);
    res.status(202).json({ accepted: true });
  });

  app.post("/api/v1/cleanup", gate, json({ limit: "8kb" }), async (req, res) => {
    const request = { force: flagOf(req.body, "force"), dryRun: flagOf(req.body, "dryRun") };
    try {
      res.json(await services.cleanup(request));
    } catch (error) {
      if (!(error instanceof MitschnittError)) throw error;
      res.status(503).json({ error: error.code, message: error.message, hint: error.hint });
    }
  });
}
