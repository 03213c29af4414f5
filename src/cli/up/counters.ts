// How many requests passed, were refused, or would have been.

import type { AuditRecord } from "../../model/audit.ts";

export type Counters = { readonly allowed: number; readonly denied: number; readonly wouldDeny: number };

export interface DecisionCounter {
  count(record: AuditRecord): void;
  read(): Counters;
}

export function createCounter(): DecisionCounter {
  let allowed = 0;
  let denied = 0;
  let wouldDeny = 0;
  return {
    count(record) {
      if (record.wouldDeny) wouldDeny++;
      else if (record.verdict === "deny") denied++;
      else allowed++;
    },
    read: () => ({ allowed, denied, wouldDeny }),
  };
}
