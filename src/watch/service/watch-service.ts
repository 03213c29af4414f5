// The watch as the daemon sees it: a process that is started, asked, and started again when it has died. What it is told
// about containers is kept here, so that a new one knows it before it is ready.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { errorText, never, PlimsollError } from "../../base/errors.ts";
import type { ContainerProtection, ProtectionReport, TierReport, WatchedContainer } from "../../model/watch.ts";
import type { AskedFor, WatchStore } from "../../model/watch-store.ts";
import { compareRuns, summarize } from "../gap/compare-runs.ts";
import { type AlertBook, createAlertBook } from "./alert-book.ts";
import type { FromWatch, ToWatch, WatchCounters, WatchSettings } from "./messages.ts";
import { createPending, type Pending } from "./pending.ts";

export type WatchState =
  | { readonly kind: "starting" }
  | {
      readonly kind: "on";
      readonly tiers: readonly TierReport[];
      readonly protections: readonly ProtectionReport[];
      readonly rules: number;
    }
  /** It has died and is started again. */
  | { readonly kind: "gap"; readonly reason: string }
  /** It cannot work here. */
  | { readonly kind: "off"; readonly reason: string; readonly hint: string };

export interface WatchService {
  state(): WatchState;
  /** Undefined before the first second is over. */
  counters(): WatchCounters | undefined;
  readonly alerts: Pick<AlertBook, "counts" | "onAlert">;
  /** How often it has died since the start. */
  deaths(): number;
  /** Resolves when the kernel knows it. @throws PlimsollError WATCH_UNAVAILABLE when nobody answers in time */
  protect(container: WatchedContainer, protection: ContainerProtection, asked?: AskedFor): Promise<void>;
  /** Of containers that were started around the gate, instead of what the settings say. */
  protectUnknown(protection: ContainerProtection): void;
  forget(containerId: string): void;
  /** @throws PlimsollError RULES_INVALID; the last good rules stay in force */
  reload(): Promise<void>;
  /** Resolves when it is on, off for good, or has died once. */
  settled(): Promise<WatchState>;
  close(options?: { readonly keepEnforcing: boolean }): Promise<void>;
}

export type WatchServiceOptions = {
  readonly settings: WatchSettings;
  readonly store: WatchStore;
  notice(text: string): void;
  nowMs(): number;
};

const maxHeapMegabytes = 256;
const answerTimeoutMs = 2_000;
/** Rules against malware are compiled anew, by who will look for it. */
const reloadTimeoutMs = 60_000;
const startTimeoutMs = 60_000;
const stopTimeoutMs = 5_000;
const firstRetryMs = 500;
const maxRetryMs = 60_000;
/** Who has lived so long is started again without a pause. */
const healthyMs = 60_000;

/** Beside built JavaScript lies JavaScript. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./watch-process.ts" : "./watch-process.js", import.meta.url),
);

export function openWatchService(options: WatchServiceOptions): WatchService {
  return new Supervisor(options);
}

class Supervisor implements WatchService {
  readonly alerts: AlertBook;
  readonly #options: WatchServiceOptions;
  readonly #pending: Pending = createPending(answerTimeoutMs);
  readonly #settled = Promise.withResolvers<WatchState>();
  #state: WatchState = { kind: "starting" };
  #counters: WatchCounters | undefined;
  #child: ChildProcess | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = firstRetryMs;
  #startedMs = 0;
  #goneSinceMs: number | undefined;
  #deaths = 0;
  #isClosed = false;
  #unknown: ContainerProtection;
  #running: readonly string[] = [];

  constructor(options: WatchServiceOptions) {
    this.#options = options;
    this.#unknown = options.settings.unknown;
    this.alerts = createAlertBook(options);
    this.#start();
  }

  state(): WatchState {
    return this.#state;
  }

  counters(): WatchCounters | undefined {
    return this.#counters;
  }

  deaths(): number {
    return this.#deaths;
  }

  settled(): Promise<WatchState> {
    return this.#settled.promise;
  }

  async protect(container: WatchedContainer, protection: ContainerProtection, asked?: AskedFor): Promise<void> {
    this.#keep(() => this.#options.store.protect({ container, protection, ...(asked === undefined ? {} : { asked }) }));
    if (this.#state.kind !== "on") {
      // Who is starting hears of it when it is ready; the one after that is told at its start.
      this.#send({ kind: "protect", number: 0, container, protection });
      throw unavailable(this.#state);
    }
    await this.#ask((number) => ({ kind: "protect", number, container, protection }));
  }

  protectUnknown(protection: ContainerProtection): void {
    this.#unknown = protection;
    this.#send({ kind: "unknown", protection });
  }

  forget(containerId: string): void {
    this.#keep(() => this.#options.store.forget(containerId));
    this.#send({ kind: "forget", containerId });
  }

  async reload(): Promise<void> {
    if (this.#state.kind === "on") await this.#ask((number) => ({ kind: "reload", number }), reloadTimeoutMs);
  }

  async close({ keepEnforcing }: { readonly keepEnforcing: boolean } = { keepEnforcing: false }): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const late = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    this.#send({ kind: "stop", keepEnforcing });
    await ended;
    clearTimeout(late);
  }

  /** A full disk must not keep the kernel from knowing: what could not be kept is lost with the next death, and that is told. */
  #keep(write: () => void): void {
    try {
      write();
    } catch (thrown) {
      this.#options.notice(`watch: ${errorText(thrown)}`);
    }
  }

  #start(): void {
    const { settings, store, nowMs } = this.#options;
    this.#startedMs = nowMs();
    const child = fork(program, [], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: environment(settings),
      // Events leave nothing behind: a small space for new objects serves as well.
      execArgv: [`--max-old-space-size=${maxHeapMegabytes}`, "--max-semi-space-size=4"],
    });
    this.#child = child;
    const stuck = setTimeout(() => child.kill("SIGKILL"), startTimeoutMs).unref();
    child.on("message", (message: FromWatch) => {
      if (message.kind === "ready") clearTimeout(stuck);
      this.#hear(message);
    });
    let isGone = false;
    const gone = (what: string): void => {
      clearTimeout(stuck);
      if (!isGone) this.#gone(what);
      isGone = true;
    };
    child.on("error", (error) => gone(errorText(error)));
    child.on("exit", (status, signal) => gone(`the process that watches has ended (${signal ?? status})`));
    const since = this.#goneSinceMs === undefined ? {} : { unwatchedSinceMs: this.#goneSinceMs };
    this.#send({ kind: "settings", settings: { ...settings, unknown: this.#unknown, ...since } });
    // Before it is ready: no event is judged without what is known of its container.
    for (const { container, protection } of store.protectedContainers()) {
      this.#send({ kind: "protect", number: 0, container, protection });
    }
  }

  #hear(message: FromWatch): void {
    switch (message.kind) {
      case "ready":
        this.#ready(message);
        break;
      case "failed":
        // Without a code nobody foresaw it: it may go better the next time.
        if (message.code === "") this.#options.notice(`watch: ${message.what}`);
        else this.#off(message.what, message.hint);
        break;
      case "running":
        this.#running = message.containers;
        break;
      case "done":
        this.#pending.settle(message.number, message.problem);
        break;
      case "alert":
        this.alerts.add(message.alert);
        break;
      case "responded":
        this.alerts.respond(message.alertId, message.responses);
        break;
      case "counters":
        this.#counters = message.counters;
        break;
      case "notice":
        this.#options.notice(`watch: ${message.text}`);
        break;
      default:
        never(message);
    }
  }

  #off(reason: string, hint: string): void {
    this.#state = { kind: "off", reason, hint };
    this.#settled.resolve(this.#state);
  }

  #ready({ tiers, protections, rules, running }: Extract<FromWatch, { kind: "ready" }>): void {
    this.#state = { kind: "on", tiers, protections, rules };
    this.#settled.resolve(this.#state);
    if (this.#goneSinceMs === undefined) return;
    const [from, to] = [this.#goneSinceMs, this.#options.nowMs()];
    this.#goneSinceMs = undefined;
    const changes = running && compareRuns(this.#running, running, from);
    const reason = "the process that watches had ended";
    this.alerts.gap(from, to, changes === undefined ? { reason } : { reason, changes });
    const meanwhile = changes === undefined ? "" : `; meanwhile ${summarize(changes)}`;
    this.#options.notice(`watch: it looks again; nobody did for ${((to - from) / 1000).toFixed(1)} s${meanwhile}`);
  }

  #gone(reason: string): void {
    this.#child = undefined;
    this.#pending.failAll(reason);
    if (this.#isClosed || this.#state.kind === "off") return;
    this.#deaths++;
    const now = this.#options.nowMs();
    this.#goneSinceMs ??= now;
    this.#state = { kind: "gap", reason };
    this.#settled.resolve(this.#state);
    if (now - this.#startedMs > healthyMs) this.#retryMs = firstRetryMs;
    this.#options.notice(`watch: ${reason}; started again in ${this.#retryMs / 1000} s`);
    this.#retry = setTimeout(() => this.#start(), this.#retryMs);
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2);
  }

  async #ask(question: (number: number) => ToWatch, patienceMs = answerTimeoutMs): Promise<void> {
    const asked = this.#pending.open(patienceMs);
    this.#send(question(asked.number));
    await asked.answer;
  }

  #send(message: ToWatch): void {
    this.#child?.send(message, (error) => {
      if (error !== null) this.#child?.kill("SIGKILL");
    });
  }
}

function unavailable(state: WatchState): PlimsollError {
  const why = state.kind === "off" || state.kind === "gap" ? state.reason : "it is still starting";
  return new PlimsollError("WATCH_UNAVAILABLE", `nobody watches: ${why}`, {
    hint: "run plimsoll watch tiers to see what is missing",
  });
}

/** Of glibc's allocator: one arena, and what is free goes back to the system. Source: mallopt(3). */
const smallMemory = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "2097152" };

/** Neither sockets nor secrets of the gate's environment are its business. */
function environment({ codeFolder }: WatchSettings): NodeJS.ProcessEnv {
  const { PATH, LANG } = process.env;
  // Compiled code in a folder that only we write: it starts in half the time, which is half as long a gap.
  const NODE_COMPILE_CACHE = codeFolder === "" ? undefined : codeFolder;
  const known = Object.entries({ PATH, LANG, NODE_COMPILE_CACHE }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(known), ...smallMemory };
}
