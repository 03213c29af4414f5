// A sensor over a real engine: containers run to their end, and what the kernel told of each.

import { setTimeout as sleep } from "node:timers/promises";
import type {
  ContainerProtection,
  KernelEvent,
  KernelEventKind,
  Protection,
  ProtectionLevel,
  Sensor,
} from "../../src/model/watch.ts";
import { demux, request } from "./http.ts";
import { at, textAt } from "./json.ts";

export type Run = {
  readonly id: string;
  readonly exitCode: number;
  readonly output: string;
  readonly events: readonly KernelEvent[];
};

export type RunOptions = {
  readonly command: readonly string[];
  readonly image?: string;
  /** Announced before the container starts; default: nobody announces it. */
  readonly protection?: ContainerProtection;
  readonly host?: Readonly<Record<string, unknown>>;
  /** Fields of the request beside HostConfig. */
  readonly more?: Readonly<Record<string, unknown>>;
};

/** Protections that are not named are off. */
export function protect(levels: Readonly<Partial<Record<Protection, ProtectionLevel>>>): ContainerProtection {
  const off = { drift: "off", memory: "off", escape: "off", "host-paths": "off", network: "off" } as const;
  return {
    levels: { ...off, malware: "off", mining: "off", ...levels },
    connect: undefined,
    bind: undefined,
    protectedPaths: [],
  };
}

/** Why there can be no sensor here; undefined when there can. */
export function whyNoSensor(): string | undefined {
  return process.getuid?.() === 0 ? undefined : "needs root to load programs into the kernel";
}

export class WatchedEngine {
  readonly #socket: string;
  readonly #sensor: Sensor;
  readonly #events: KernelEvent[] = [];

  constructor(socket: string, sensor: Sensor) {
    this.#socket = socket;
    this.#sensor = sensor;
    sensor.onEvent((event) => this.#events.push(event));
  }

  /** Runs a container to its end. */
  async run(options: RunOptions): Promise<Run> {
    const id = await this.create(options);
    await this.start(id);
    return await this.finish(id);
  }

  async create(options: RunOptions): Promise<string> {
    const body = {
      Image: options.image ?? "bb:1",
      Cmd: options.command,
      HostConfig: { NetworkMode: "none", ...options.host },
      ...options.more,
    };
    const made = await request(this.#socket, "POST", "/containers/create", { body });
    if (made.status !== 201) throw new Error(made.text);
    const id = textAt(made.json, "Id");
    if (options.protection !== undefined) this.#sensor.protect(id, options.protection);
    return id;
  }

  async start(id: string): Promise<void> {
    const started = await request(this.#socket, "POST", `/containers/${id}/start`);
    if (started.status !== 204) throw new Error(started.text);
  }

  /** Runs a second program in it. @returns what it said, its two streams in the order of their letters */
  async exec(id: string, command: readonly string[]): Promise<string> {
    const body = { Cmd: command, AttachStdout: true, AttachStderr: true };
    const made = await request(this.#socket, "POST", `/containers/${id}/exec`, { body });
    const started = await request(this.#socket, "POST", `/exec/${textAt(made.json, "Id")}/start`, {
      body: { Detach: false },
    });
    if (started.status !== 200) throw new Error(started.text);
    return demux(started.body)
      .split("\n")
      .filter((line) => line !== "")
      .sort()
      .join(", ");
  }

  async kill(id: string): Promise<void> {
    await request(this.#socket, "POST", `/containers/${id}/kill`);
  }

  /** Waits for its end, takes it away and gives back what it said and did. */
  async finish(id: string): Promise<Run> {
    const waited = await request(this.#socket, "POST", `/containers/${id}/wait`);
    const logs = await request(this.#socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
    await request(this.#socket, "DELETE", `/containers/${id}?force=1&v=1`);
    await this.#settled(id);
    this.#sensor.forget(id);
    return {
      id,
      exitCode: Number(at(waited.json, "StatusCode")),
      output: demux(logs.body),
      events: this.eventsOf(id),
    };
  }

  eventsOf(id: string): readonly KernelEvent[] {
    return this.#events.filter((event) => this.#sensor.containerOf(event.cgroupId)?.id === id);
  }

  /** The group's end is the last that the kernel tells of a container. */
  async #settled(id: string): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      if (this.eventsOf(id).some((event) => event.kind === "cgroup-gone")) return;
      await sleep(20);
    }
  }
}

/** Of one kind, only what the test asks for. */
export function pick<Field extends keyof KernelEvent>(
  events: readonly KernelEvent[],
  kind: KernelEventKind,
  ...fields: readonly Field[]
): readonly Pick<KernelEvent, Field>[] {
  return events
    .filter((event) => event.kind === kind)
    .map((event) => Object.fromEntries(fields.map((field) => [field, event[field]])))
    .filter((picked): picked is Pick<KernelEvent, Field> => picked !== undefined);
}
