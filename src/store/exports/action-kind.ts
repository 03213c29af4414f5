// What other schemas ask of an action: does it make, read, change or remove something?

import type { AuditRecord } from "../../model/audit.ts";

export type ActionKind = "create" | "read" | "update" | "delete" | "other";

const kinds: Readonly<Record<string, ActionKind>> = {
  ...kindOf("create", ["create", "build", "pull", "import", "load", "commit", "init", "checkpoint", "tag"]),
  ...kindOf("read", [
    "list",
    "inspect",
    "logs",
    "top",
    "stats",
    "changes",
    "export",
    "read",
    "history",
    "search",
    "save",
  ]),
  ...kindOf("read", ["distribution", "events", "info", "version", "ping", "df", "privileges", "unlockkey", "wait"]),
  ...kindOf("update", ["update", "rename", "start", "stop", "restart", "kill", "pause", "unpause", "resize", "write"]),
  ...kindOf("update", [
    "connect",
    "disconnect",
    "enable",
    "disable",
    "upgrade",
    "set",
    "push",
    "join",
    "leave",
    "unlock",
  ]),
  ...kindOf("delete", ["remove", "prune"]),
};

export function actionKind(action: AuditRecord["action"]): ActionKind {
  return kinds[action.slice(action.lastIndexOf(".") + 1)] ?? "other";
}

function kindOf(kind: ActionKind, words: readonly string[]): Readonly<Record<string, ActionKind>> {
  return Object.fromEntries(words.map((word) => [word, kind]));
}
