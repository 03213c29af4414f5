// BuildKit as Docker 28 has it inside, asked what it reads in a Dockerfile: stages and their places, what it refuses, which images
// it looks up.

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { listAt, textAt } from "../../src/base/reading.ts";
import { findDockerCli } from "./cli-runner.ts";
import { whyNoEngine } from "./engine.ts";
import { request } from "./http.ts";
import { startNewerEngine } from "./newer-engine.ts";
import { tar } from "./tar.ts";

export type BuildkitStage = {
  readonly name: string;
  /** As written. */
  readonly base: string;
  /** Where it begins. */
  readonly line: number;
};

export type BuildkitReading = {
  /** Why it takes no such file; "" when it does. */
  readonly refusal: string;
  readonly stages: readonly BuildkitStage[];
};

export type Buildkit = {
  readonly read: (dockerfile: string) => Promise<BuildkitReading>;
  /** Names of images that it looks up for a build, as the registry would be asked. */
  readonly lookUps: (
    dockerfile: string,
    buildArguments?: Readonly<Record<string, string>>,
  ) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

/** @param images names of empty images that the engine has @returns the reason instead, when it cannot be had */
export async function startBuildkit(images: readonly string[]): Promise<Buildkit | { readonly why: string }> {
  const why = whyNoEngine();
  const cli = await findDockerCli();
  if (why !== undefined) return { why };
  if ("why" in cli) return cli;
  const engine = await startNewerEngine("docker");
  if ("why" in engine) return engine;
  for (const image of images) {
    const [repo = "", tag = ""] = image.split(":");
    const path = `/images/create?fromSrc=-&repo=${encodeURIComponent(repo)}&tag=${tag}`;
    await request(engine.socket, "POST", path, { body: tar([{ name: "f", data: "" }]) });
  }
  const home = await mkdtemp(join(engine.folder, "home-"));
  await writeFile(join(home, "config.json"), "{}");
  if (cli.plugins !== undefined) await symlink(cli.plugins, join(home, "cli-plugins"));
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    DOCKER_CONFIG: home,
    DOCKER_HOST: `unix://${engine.socket}`,
  };
  const call = async (kind: string, dockerfile: string, more: readonly string[] = []): Promise<Said> => {
    const folder = await mkdtemp(join(home, "context-"));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "Dockerfile"), dockerfile);
    const words = ["buildx", "build", `--call=${kind},format=json`, "--progress=plain", ...more, folder];
    const child = spawn(cli.program, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    await rm(folder, { recursive: true });
    return { stdout, stderr };
  };
  return {
    read: async (dockerfile) => toReading(await call("targets", dockerfile)),
    lookUps: async (dockerfile, buildArguments = {}) => {
      const given = Object.entries(buildArguments).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
      const { stderr } = await call("check", dockerfile, given);
      return [...new Set([...stderr.matchAll(/load metadata for (\S+?):?$/gm)].map((match) => match[1] ?? ""))].sort();
    },
    close: () => engine.close(),
  };
}

type Said = { readonly stdout: string; readonly stderr: string };

function toReading({ stdout, stderr }: Said): BuildkitReading {
  if (!stdout.trimStart().startsWith("{")) return { refusal: /^ERROR: (.*)$/m.exec(stderr)?.[1] ?? stderr, stages: [] };
  const answer: unknown = JSON.parse(stdout);
  const stages = listAt(answer, "targets").map((target) => {
    const [range] = listAt(target, "location", "ranges");
    const line = Number(JSON.stringify(fieldAt(range, "start", "line")) ?? 0);
    return { name: textAt(target, "name"), base: textAt(target, "base"), line };
  });
  return { refusal: "", stages };
}

function fieldAt(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (inner instanceof Object ? Reflect.get(inner, key) : undefined), value);
}
