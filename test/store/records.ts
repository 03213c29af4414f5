// Records and folders for the tests of the store.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { requestId } from "../../src/base/request-id.ts";
import type { AuditOpening, AuditOutcome, AuditRecord } from "../../src/model/audit.ts";
import { readAudit } from "../../src/store/read-audit.ts";
import { openStore, type Store, type StoreOptions } from "../../src/store/store.ts";

/** Stores by folder: they are closed before the folder goes. */
const stores = new Map<string, readonly Store[]>();

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-store-"));
  t.after(async () => {
    await closeStores(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export async function closeStores(folder: string): Promise<void> {
  for (const [name, opened] of stores) if (name.startsWith(folder)) for (const store of opened) await store.close();
}

/** Closed after the test, however it ends. `folder` is a temporary folder or inside one. */
export async function startStore(options: StoreOptions): Promise<Store> {
  const store = await openStore({ reserveBytes: 4096, ...options });
  stores.set(options.folder, [...(stores.get(options.folder) ?? []), store]);
  return store;
}

/** Every record of the log, oldest first, those included that a store of this process has not put into the database yet. */
export async function readAll(folder: string): Promise<AuditRecord[]> {
  for (const store of stores.get(folder) ?? []) store.audit.flush();
  const records: AuditRecord[] = [];
  for await (const record of readAudit({ folder })) records.push(record);
  return records;
}

let count = 0;

export function opening(changes: Partial<AuditOpening> = {}): AuditOpening {
  const now = Date.now() + count++;
  return {
    id: requestId(now),
    time: new Date(now).toISOString(),
    listener: "docker",
    mode: "enforce",
    caller: {
      ...{ id: "unix:alice", kind: "unix", name: "alice", groups: ["unix:docker"], owner: "unix:alice" },
      provider: "unix-peer",
    },
    method: "POST",
    path: "/containers/create",
    action: "container.create",
    resource: { type: "Container", id: "", name: "web", owner: "", isShared: false },
    facts: { listener: "docker", transport: "unix", privileged: false, capAdd: [], memory: 0 },
    verdict: "allow",
    wouldDeny: false,
    rules: [{ id: "baseline/own-containers", kind: "policy", file: "policies/baseline.cedar", line: 12 }],
    reason: "callers may create containers",
    ...changes,
  };
}

export const completed: AuditOutcome = { status: 201, bytesIn: 120, bytesOut: 88, durationMs: 4.5, end: "complete" };
export const refused: AuditOutcome = { status: 403, bytesIn: 0, bytesOut: 60, durationMs: 0.7, end: "refused" };

/** Opens and closes so many requests, 64 at a time; the database has them then. */
export async function logRequests(store: Store, number: number, changes: Partial<AuditOpening> = {}): Promise<void> {
  let left = number;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const request = opening(changes);
      await store.audit.open(request);
      await store.audit.close(request, completed);
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  store.audit.flush();
}
