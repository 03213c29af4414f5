// A gate before an engine for a client's own tests: they are about the API, so the user holds the grants they need.

import type { TestEngine } from "./engine.ts";
import { type GateOptions, startGate } from "./gate.ts";
import { startTenant } from "./tenants.ts";

export type Context = { readonly after: (work: () => Promise<void>) => void };

export type ForeignGateOptions = {
  readonly grants: readonly string[];
  readonly listener?: NonNullable<GateOptions["listener"]>;
};

/** @returns the socket of an ordinary user, who may what `baseline` and the grants allow */
export async function gateForUser(t: Context, engine: TestEngine, options: ForeignGateOptions): Promise<string> {
  const gate = await startGate(engine, {
    policies: ["baseline", "$FOLDER/grants.cedar"],
    files: { "grants.cedar": options.grants.map(permit).join("") },
    listener: options.listener ?? {},
  });
  t.after(gate.close);
  const user = await startTenant(gate.socket, { uid: 4242 });
  t.after(user.close);
  return user.socket;
}

function permit(grant: string): string {
  const id = grant.replaceAll(".", "-");
  return `@id("${id}")\npermit (principal, action == Action::"grant", resource == Grant::"${grant}");\n`;
}
