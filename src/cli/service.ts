// What a running Plimsoll offers to the commands that start and watch it. src/main.ts builds it.

import type { EngineDescription } from "../engine/engine.ts";
import type { AuditRecord } from "../model/audit.ts";
import type { Mode } from "../model/decision.ts";

export type RunningListener = {
  readonly name: string;
  /** `unix:///run/plimsoll/docker.sock`, `tcp://0.0.0.0:2376`: what DOCKER_HOST takes. */
  readonly address: string;
  readonly mode: Mode;
  readonly policies: readonly string[];
};

export interface RunningService {
  readonly listeners: readonly RunningListener[];
  readonly engine: EngineDescription;
  /** True when Plimsoll started the engine itself. */
  readonly isManaged: boolean;
  /** Rises with every policy reload. */
  policyGeneration(): number;
  /** Records in the audit log. */
  auditSize(): number;
  /** Prometheus text. */
  metrics(): string;
  /** Calls back with every finished request, in order. Returns a function that stops it. */
  onRecord(listener: (record: AuditRecord) => void): () => void;
  /** Calls back with what operators should know: a reload that failed, an engine that restarts. Returns a function that stops it. */
  onNotice(listener: (notice: string) => void): () => void;
  /** Reads the policies again. @throws PlimsollError POLICY_INVALID; the last good set stays in force */
  reload(): Promise<void>;
  /** Stops listening, lets short calls end, closes the rest. @param keepEngine leaves a managed engine and its containers running */
  close(options?: { readonly keepEngine?: boolean }): Promise<void>;
}
