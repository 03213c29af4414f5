// Opens what judging images for another runtime needs: the audit log and the trust file. No engine, no listener.

import { mkdirSync } from "node:fs";
import type { Configuration } from "../cli/configuration/configuration.ts";
import type { RunningJudge } from "../cli/service.ts";
import { openStore } from "../store/store.ts";
import { createImageJudge } from "./image-judge.ts";
import { storeOptions } from "./store-options.ts";
import { type Environment, openTrust, trustFileOf } from "./trust.ts";

/** @throws PlimsollError of what could not be opened; nothing of what was opened stays open */
export async function startJudge(
  configuration: Configuration,
  environment: Environment,
  notice: (text: string) => void,
): Promise<RunningJudge> {
  await using started = new AsyncDisposableStack();
  mkdirSync(configuration.runtimeFolder, { recursive: true, mode: 0o755 });
  const store = await openStore(storeOptions(configuration, notice));
  started.defer(() => store.close());
  const trust = openTrust(configuration, environment, notice);
  const trustFile = trustFileOf(configuration, environment);
  if (trust.current() === undefined) notice(`there is no ${trustFile}: until there is, nothing is allowed`);
  const running = started.move();
  return {
    trustFile,
    judgeImage: createImageJudge({ trust, audit: store.audit, nowMs: () => Date.now() }),
    reload: () => trust.reload(),
    close: () => running.disposeAsync(),
  };
}
