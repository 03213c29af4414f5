// `plimsoll incident ...`: what happened, after the fact.

import type { Command } from "../command.ts";
import { incidentList } from "../incident/list.ts";
import { incidentShow } from "../incident/show.ts";
import { incidentThaw } from "../incident/thaw.ts";

export const incident: Command = {
  name: "incident",
  summary: "show incidents: process tree, timeline, what was done",
  usual: "list",
  commands: [incidentList, incidentShow, incidentThaw],
};
