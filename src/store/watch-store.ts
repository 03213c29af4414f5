// Alerts, gaps and protections of the watch, in a database of their own.

import { join } from "node:path";
import { errorText, PlimsollError } from "../base/errors.ts";
import type { Alert } from "../model/watch.ts";
import type { ProtectedContainer, WatchGap, WatchStore } from "../model/watch-store.ts";
import { type Database, numberColumn, type SqlValue, textColumn } from "./driver.ts";
import { sqlite } from "./drivers/sqlite.ts";
import { watchMigrations } from "./migrations.ts";

export type OpenWatchStore = WatchStore & { close(): void };

export type Incident = {
  readonly id: string;
  readonly first: Alert;
  readonly last: Alert;
  readonly alerts: number;
};

export interface WatchReader {
  /** Newest first. */
  incidents(most: number): readonly Incident[];
  /** In the order in which they came; empty when there is no such incident. @param start of its id, at least 6 characters */
  incident(start: string): readonly Alert[];
  gaps(most: number): readonly WatchGap[];
  close(): void;
}

/** The oldest beyond this go. */
const mostAlerts = 200_000;
const mostGaps = 10_000;
const mostContainers = 100_000;
/** Dropping is done now and then, not with each alert. */
const tidyEvery = 1_000;

/** @throws PlimsollError STORE_UNAVAILABLE */
export function openWatchStore(
  folder: string,
  keep: { readonly alerts: number } = { alerts: mostAlerts },
): OpenWatchStore {
  const database = open(folder, "write");
  let added = 0;
  const write = (sql: string, ...values: readonly SqlValue[]): void => {
    try {
      database.run(sql, ...values);
    } catch (cause) {
      throw new PlimsollError("STORE_UNAVAILABLE", `${database.file}: cannot be written: ${errorText(cause)}`, {
        hint: "make room on the disk that holds the state folder",
        cause,
      });
    }
  };
  const tidy = (table: "alert" | "gap" | "protection", most: number): void => {
    write(`DELETE FROM ${table} WHERE number <= (SELECT max(number) FROM ${table}) - ?`, most);
  };
  return {
    addAlert(alert) {
      const { id, incident } = alert;
      write("INSERT INTO alert (id, incident, body) VALUES (?, ?, ?)", id, incident, JSON.stringify(alert));
      if (++added % tidyEvery === 0) tidy("alert", keep.alerts);
    },
    addResponses(alertId, responses) {
      const [row] = database.all("SELECT body FROM alert WHERE id = ?", alertId);
      const alert = row && readAlert(textColumn(row, "body"));
      if (alert === undefined) return;
      write("UPDATE alert SET body = ? WHERE id = ?", JSON.stringify({ ...alert, responses }), alertId);
    },
    addGap(gap) {
      write("INSERT INTO gap (body) VALUES (?)", JSON.stringify(gap));
      tidy("gap", mostGaps);
    },
    protect(entry) {
      const next = "(SELECT coalesce(max(number), 0) + 1 FROM protection)";
      const { id } = entry.container;
      write(
        `INSERT INTO protection (container, number, body) VALUES (?, ${next}, ?)
         ON CONFLICT (container) DO UPDATE SET body = excluded.body`,
        id,
        JSON.stringify(entry),
      );
      tidy("protection", mostContainers);
    },
    forget: (containerId) => write("DELETE FROM protection WHERE container = ?", containerId),
    protectedContainers: () =>
      database
        .all("SELECT body FROM protection ORDER BY number")
        .map((row): ProtectedContainer => JSON.parse(textColumn(row, "body"))),
    close: () => database.close(),
  };
}

/** Reads while the daemon writes, and when none runs. @throws PlimsollError STORE_UNAVAILABLE when there is none */
export function readWatchStore(folder: string): WatchReader {
  const database = open(folder, "read");
  return {
    incidents: (most) => database.all(incidentsSql, most).flatMap((row) => toIncident(row)),
    incident: (start) =>
      database
        .all("SELECT body FROM alert WHERE substr(incident, 1, length(?)) = ? ORDER BY number", start, start)
        .flatMap((row) => readAlert(textColumn(row, "body")) ?? []),
    gaps: (most) =>
      database
        .all("SELECT body FROM gap ORDER BY number DESC LIMIT ?", most)
        .map((row): WatchGap => JSON.parse(textColumn(row, "body"))),
    close: () => database.close(),
  };
}

const incidentsSql = `SELECT incident, alerts,
    (SELECT body FROM alert WHERE number = lowest) AS first,
    (SELECT body FROM alert WHERE number = highest) AS last
  FROM (SELECT incident, count(*) AS alerts, min(number) AS lowest, max(number) AS highest FROM alert GROUP BY incident)
  ORDER BY highest DESC LIMIT ?`;

function toIncident(row: Parameters<typeof textColumn>[0]): readonly Incident[] {
  const first = readAlert(textColumn(row, "first"));
  const last = readAlert(textColumn(row, "last"));
  if (first === undefined || last === undefined) return [];
  return [{ id: textColumn(row, "incident"), first, last, alerts: numberColumn(row, "alerts") }];
}

/** Written by us alone, into a file that only we may write. */
function readAlert(body: string): Alert | undefined {
  const alert: Alert | undefined = body === "" ? undefined : JSON.parse(body);
  return alert;
}

function open(folder: string, access: "write" | "read"): Database {
  const file = join(folder, "watch.db");
  return sqlite.open(file, { access, migrations: watchMigrations, busyTimeoutMs: 250 });
}
