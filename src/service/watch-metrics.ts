// What the watch counts, as Prometheus text. Labels are rules, severities, outcomes and kinds: never containers or paths.

import type { OpenOutput } from "../watch/output.ts";
import type { WatchCounters } from "../watch/service/messages.ts";
import type { WatchService } from "../watch/service/watch-service.ts";

export function renderWatchMetrics(service: WatchService | undefined, outputs: readonly OpenOutput[]): string {
  const isOn = service?.state().kind === "on" ? 1 : 0;
  const up = family("plimsoll_watch_up", "gauge", "1 while somebody watches.", [["", isOn]]);
  if (service === undefined) return up;
  const { byRule, unrecorded, gaps, gapSeconds } = service.alerts.counts();
  const alerts = [...byRule].map(([key, count]): Sample => {
    const [rule, severity, outcome] = key.split(" ");
    return [`{rule="${rule}",severity="${severity}",outcome="${outcome}"}`, count];
  });
  const counters = service.counters();
  const kinds = Object.entries(counters?.byKind ?? {}).map(([kind, count]): Sample => [`{kind="${kind}"}`, count ?? 0]);
  const lost = outputs.reduce((sum, output) => sum + output.lost(), 0);
  return [
    up,
    family("plimsoll_watch_alerts_total", "counter", "Alerts that were told.", alerts),
    family("plimsoll_watch_alerts_held_back_total", "counter", "Alerts like others, only counted.", [
      ["", counters?.heldBack ?? 0],
    ]),
    family("plimsoll_watch_alerts_unrecorded_total", "counter", "Alerts that the disk did not take.", [
      ["", unrecorded],
    ]),
    family("plimsoll_watch_alerts_undelivered_total", "counter", "Alerts that an output lost.", [["", lost]]),
    family("plimsoll_watch_events_total", "counter", "Events of the kernel since the watch was started last.", kinds),
    family("plimsoll_watch_events_lost_total", "counter", "Events that the kernel had to drop.", [
      ["", counters?.dropped ?? 0],
    ]),
    ...malwareFamilies(counters?.malware),
    family("plimsoll_watch_packets_lost_total", "counter", "Packets that were to be looked into and found no room.", [
      ["", counters?.packetsDropped ?? 0],
    ]),
    family("plimsoll_watch_deaths_total", "counter", "How often the watch had to be started again.", [
      ["", service.deaths()],
    ]),
    family("plimsoll_watch_gaps_total", "counter", "Times in which nobody watched.", [["", gaps]]),
    family("plimsoll_watch_gap_seconds_total", "counter", "How long nobody watched.", [["", gapSeconds]]),
    family("plimsoll_watch_resident_memory_bytes", "gauge", "Memory of the process that watches.", [
      ["", counters?.memoryBytes ?? 0],
    ]),
  ].join("");
}

function malwareFamilies(malware: WatchCounters["malware"]): readonly string[] {
  if (malware === undefined) return [];
  const { skipped, tooLarge, timeouts, failed } = malware;
  const unscanned: readonly Sample[] = [
    ['{reason="queue-full"}', skipped],
    ['{reason="too-large"}', tooLarge],
    ['{reason="timeout"}', timeouts],
    ['{reason="failed"}', failed],
  ];
  const one = (name: string, help: string, value: number): string => family(name, "counter", help, [["", value]]);
  return [
    one("plimsoll_malware_asked_total", "Execs that the kernel asked about.", malware.asked),
    one("plimsoll_malware_denied_total", "Execs and opens that were refused.", malware.denied),
    one("plimsoll_malware_known_total", "Answers from what was known of a file.", malware.known),
    one("plimsoll_malware_scanned_files_total", "Files that were looked into.", malware.scanned),
    one("plimsoll_malware_scanned_bytes_total", "Bytes that were looked into.", malware.scannedBytes),
    one("plimsoll_malware_found_total", "Files in which malware was found.", malware.found),
    family("plimsoll_malware_unscanned_total", "counter", "Files into which nobody looked.", unscanned),
    one(
      "plimsoll_malware_overflows_total",
      "Times that the kernel had too many written files to tell of.",
      malware.overflows,
    ),
    one(
      "plimsoll_malware_scanner_deaths_total",
      "How often a process that looks into files has died.",
      malware.scannerDeaths,
    ),
    one("plimsoll_malware_stalls_total", "How often the thread that decides had to begin anew.", malware.stalls),
    family("plimsoll_malware_waiting", "gauge", "Files that wait to be looked into.", [["", malware.waiting]]),
  ];
}

type Sample = readonly [labels: string, value: number];

function family(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}\n`).join("");
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines}`;
}
