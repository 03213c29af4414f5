// Every plugin in commands/. Written by `npm run plugins`; do not edit.

import type { Command } from "./command.ts";
import { advisories } from "./commands/advisories.ts";
import { attest } from "./commands/attest.ts";
import { completion } from "./commands/completion.ts";
import { doctor } from "./commands/doctor.ts";
import { down } from "./commands/down.ts";
import { help } from "./commands/help.ts";
import { incident } from "./commands/incident.ts";
import { keys } from "./commands/keys.ts";
import { learn } from "./commands/learn.ts";
import { lint } from "./commands/lint.ts";
import { log } from "./commands/log.ts";
import { man } from "./commands/man.ts";
import { policy } from "./commands/policy.ts";
import { reload } from "./commands/reload.ts";
import { sbom } from "./commands/sbom.ts";
import { scan } from "./commands/scan.ts";
import { sign } from "./commands/sign.ts";
import { status } from "./commands/status.ts";
import { trust } from "./commands/trust.ts";
import { up } from "./commands/up.ts";
import { verifyAttestation } from "./commands/verify-attestation.ts";
import { verify } from "./commands/verify.ts";
import { version } from "./commands/version.ts";
import { watch } from "./commands/watch.ts";

export const commands: readonly Command[] = [advisories, attest, completion, doctor, down, help, incident, keys, learn, lint, log, man, policy, reload, sbom, scan, sign, status, trust, up, verifyAttestation, verify, version, watch];
