// What a running Plimsoll offers to the commands that start and watch it. src/main.ts builds it.

import type { EngineDescription } from "../engine/engine.ts";
import type { AuditRecord } from "../model/audit.ts";
import type { Mode } from "../model/decision.ts";
import type { Alert } from "../model/watch.ts";
import type { WatchState } from "../watch/service/watch-service.ts";

export type RunningListener = {
  readonly name: string;
  /** `unix:///run/plimsoll/docker.sock`, `tcp://0.0.0.0:2376`: what DOCKER_HOST takes. */
  readonly address: string;
  readonly mode: Mode;
  readonly policies: readonly string[];
};

/** What another container runtime is about to pull. */
export type AskedImage = {
  /** As the runtime resolved it, `docker.io/library/busybox:1`. */
  readonly name: string;
  /** What it resolved to, and what alone is judged. */
  readonly digest: string;
};

export type ImageAnswer = {
  readonly isAllowed: boolean;
  /** One sentence, with what to do when it is no. */
  readonly reason: string;
};

/** Judges images without standing in front of an engine. */
export interface RunningJudge {
  readonly trustFile: string;
  /** Never rejects because of the image: what cannot be judged is not allowed. @throws PlimsollError AUDIT_UNAVAILABLE */
  judgeImage(asked: AskedImage): Promise<ImageAnswer>;
  /** Reads the trust file again. @throws PlimsollError CONFIG_INVALID; the last good one stays in force */
  reload(): void;
  close(): Promise<void>;
}

export type TrustInForce = {
  readonly file: string;
  readonly counter: number;
  readonly rules: number;
};

export interface RunningService {
  readonly listeners: readonly RunningListener[];
  readonly engine: EngineDescription;
  /** True when Plimsoll started the engine itself. */
  readonly isManaged: boolean;
  /** Rises with every policy reload. */
  policyGeneration(): number;
  /** The trust file in force; undefined: nothing is demanded of images. */
  trust(): TrustInForce | undefined;
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
  /** As RunningJudge says. */
  judgeImage(asked: AskedImage): Promise<ImageAnswer>;
  /** Who looks at what containers do. */
  readonly watch: {
    state(): WatchState;
    /** @returns a function that stops it */
    onAlert(listener: (alert: Alert) => void): () => void;
  };
  /** Stops listening, lets short calls end, closes the rest. @param keepEngine leaves a managed engine and its containers running */
  close(options?: { readonly keepEngine?: boolean }): Promise<void>;
}
