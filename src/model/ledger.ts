// What is known of things that cannot carry a label of ours: who owns images, tags, anonymous volumes and runs of exec, and
// which profiles an image had.

/**
 * `tag`: `docker.io/library/a:b`. `volume`: those the engine made under a random name.
 * `engine`: the engine that the others belong to. `profile`: the id of an image; its "owners" are names of profiles.
 */
export type LedgerKind = "image" | "tag" | "exec" | "volume" | "build-session" | "engine" | "profile";

/** Survives a restart. All calls are synchronous: the answer is part of a decision. */
export interface OwnershipLedger {
  /** Owners of an id, in the order they came; empty when nobody claimed it. */
  owners(kind: LedgerKind, id: string): readonly string[];
  /** Everything of a kind that somebody owns. */
  ids(kind: LedgerKind): readonly string[];
  /** Adds an owner; a second claim by the same owner changes nothing. */
  claim(kind: LedgerKind, id: string, owner: string): void;
  /** Forgets one owner, or the whole id. */
  release(kind: LedgerKind, id: string, owner?: string): void;
}
