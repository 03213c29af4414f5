// Every command, loaded when it is asked for. Written by `npm run plugins`; do not edit.

import type { Command } from "./command.ts";

export const commandLoaders: Readonly<Record<string, () => Promise<Command>>> = {
  advisories: async () => (await import("./commands/advisories.ts")).advisories,
  attest: async () => (await import("./commands/attest.ts")).attest,
  completion: async () => (await import("./commands/completion.ts")).completion,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  down: async () => (await import("./commands/down.ts")).down,
  help: async () => (await import("./commands/help.ts")).help,
  incident: async () => (await import("./commands/incident.ts")).incident,
  keys: async () => (await import("./commands/keys.ts")).keys,
  learn: async () => (await import("./commands/learn.ts")).learn,
  lint: async () => (await import("./commands/lint.ts")).lint,
  log: async () => (await import("./commands/log.ts")).log,
  man: async () => (await import("./commands/man.ts")).man,
  policy: async () => (await import("./commands/policy.ts")).policy,
  reload: async () => (await import("./commands/reload.ts")).reload,
  sbom: async () => (await import("./commands/sbom.ts")).sbom,
  scan: async () => (await import("./commands/scan.ts")).scan,
  sign: async () => (await import("./commands/sign.ts")).sign,
  status: async () => (await import("./commands/status.ts")).status,
  trust: async () => (await import("./commands/trust.ts")).trust,
  up: async () => (await import("./commands/up.ts")).up,
  "verify-attestation": async () => (await import("./commands/verify-attestation.ts")).verifyAttestation,
  verify: async () => (await import("./commands/verify.ts")).verify,
  version: async () => (await import("./commands/version.ts")).version,
  watch: async () => (await import("./commands/watch.ts")).watch,
};
