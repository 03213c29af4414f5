// Every plugin in outputs/. Written by `npm run plugins`; do not edit.

import type { Output } from "./output.ts";
import { stdout } from "./outputs/stdout.ts";
import { syslog } from "./outputs/syslog.ts";
import { webhook } from "./outputs/webhook.ts";

export const outputs: readonly Output[] = [stdout, syslog, webhook];
