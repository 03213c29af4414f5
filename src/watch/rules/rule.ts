// A rule, ready to judge.

import type { AlertSeverity, KernelEventKind, Protection } from "../../model/watch.ts";
import type { Judge } from "./compile-condition.ts";
import type { Message } from "./message.ts";

export type WatchRule = {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** Whose level decides whether it is asked, and whether it may do more than tell. */
  readonly protection: Protection;
  readonly severity: AlertSeverity;
  readonly kinds: readonly KernelEventKind[];
  /** Exceptions are in it. */
  readonly judge: Judge;
  /** It would match, but an exception says that this is as it should be. */
  readonly isExcused: Judge;
  readonly message: Message;
  /** Names of what is done where the level is `block`. */
  readonly responses: readonly string[];
  /** MITRE ATT&CK, `T1059.004`. */
  readonly techniques: readonly string[];
};
