// What the pipeline works with; src/main.ts puts it together.

import type { EngineDescription } from "../engine/engine.ts";
import type { AuditSink } from "../model/audit.ts";
import type { OwnershipLedger } from "../model/ledger.ts";
import type { Principal } from "../model/principal.ts";
import type { Profile } from "../model/profile.ts";
import type { PolicyEngine } from "../policy/policy-engine.ts";
import type { ImageGate } from "./admission/image-gate.ts";
import type { TrustGate } from "./admission/trust-gate.ts";
import type { ListenerProfile } from "./call.ts";
import type { Exchange } from "./exchange.ts";
import type { KnownCalls } from "./known-calls.ts";
import type { KnownCreates } from "./known-creates.ts";
import type { Lookup } from "./references/lookup.ts";
import type { WatchGate } from "./watch/watch-gate.ts";

export type Gate = {
  /** The engine behind the gate, as it described itself last. */
  engine(): EngineDescription;
  /** Who speaks. @throws PlimsollError NOT_AUTHENTICATED */
  callerOf(exchange: Exchange): Promise<Principal>;
  /** The policies of a listener, in their newest good generation. */
  policies(profile: ListenerProfile): PolicyEngine;
  readonly lookup: Lookup;
  readonly ledger: OwnershipLedger;
  readonly audit: AuditSink;
  readonly knownCalls: KnownCalls;
  readonly knownCreates: KnownCreates;
  /** What is in images; undefined when nobody looks into them. */
  readonly images?: ImageGate;
  /** Who has to have signed images; undefined when nobody says so. */
  readonly trust?: TrustGate;
  /** What images may at most ask for, in the newest good reading. */
  profiles(): readonly Profile[];
  /** Looks at what containers do; undefined when nobody does. */
  readonly watch?: WatchGate;
  nowMs(): number;
};
