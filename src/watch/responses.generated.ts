// Every plugin in responses/. Written by `npm run plugins`; do not edit.

import type { Response } from "./response.ts";
import { alert } from "./responses/alert.ts";
import { disconnect } from "./responses/disconnect.ts";
import { freeze } from "./responses/freeze.ts";
import { kill } from "./responses/kill.ts";
import { pause } from "./responses/pause.ts";
import { quarantine } from "./responses/quarantine.ts";
import { stop } from "./responses/stop.ts";

export const responses: readonly Response[] = [alert, disconnect, freeze, kill, pause, quarantine, stop];
