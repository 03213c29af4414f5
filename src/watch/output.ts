// Where alerts go beside Plimsoll's own store. One file a kind of output in outputs/. An output never throws and never
// makes anybody wait: what it cannot deliver it keeps within its limits, and counts beyond them.

import type { Plugin } from "../base/plugin.ts";
import type { Alert } from "../model/watch.ts";

export type OutputSettings = {
  /** `syslog`, `webhook`, `stdout`. */
  readonly kind: string;
  /** `/dev/log`, `udp://10.0.0.1:514`, `https://soc.example/alerts`; "" where the kind needs none. */
  readonly to: string;
  /** File with the secret that signs; "" for none. */
  readonly secretFile: string;
};

export type OutputTools = {
  /** What is not delivered yet is kept below it. */
  readonly spoolFolder: string;
  readonly hostName: string;
  readonly version: string;
  write(text: string): void;
  onProblem(text: string): void;
};

export interface OpenOutput {
  tell(alert: Alert): void;
  /** Alerts that nobody got and nobody will. */
  lost(): number;
  close(): Promise<void>;
}

export interface Output extends Plugin {
  /** @throws PlimsollError CONFIG_INVALID for settings that cannot work */
  open(settings: OutputSettings, tools: OutputTools): OpenOutput;
}
