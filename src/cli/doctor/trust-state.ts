// Whether anybody has to have signed images on this host, as the trust file says that `plimsoll up` would take.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorText } from "../../base/errors.ts";
import { readTrustFile } from "../../trust/file/read-trust-file.ts";
import { chooseFolders } from "../configuration/folders.ts";
import { readConfiguration } from "../configuration/read-configuration.ts";
import type { TrustState } from "./report.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export function trustState(environment: Environment, isRoot: boolean): TrustState {
  const file = fileOf(environment, isRoot);
  if (!existsSync(file)) {
    return { file, state: "absent", detail: `nobody: there is no ${file}, so that every image runs, whoever made it` };
  }
  try {
    const readFile = (name: string): string => readFileSync(resolve(dirname(file), name), "utf8");
    const { rules, counter, otherwise } = readTrustFile({ name: file, text: readFile(file), readFile });
    const others = otherwise === "deny" ? "no others run" : "others run unsigned";
    const count = rules.length === 1 ? "1 rule" : `${rules.length} rules`;
    return { file, state: "good", detail: `${file}: ${count}, counter ${counter}; ${others}` };
  } catch (thrown) {
    return { file, state: "broken", detail: errorText(thrown) };
  }
}

function fileOf(environment: Environment, isRoot: boolean): string {
  const usual = join(chooseFolders(environment, isRoot).configuration, "trust.yaml");
  try {
    return readConfiguration({ environment, isRoot }).admission.trustFile || usual;
  } catch {
    return usual; // a configuration with a mistake is told by plimsoll up
  }
}
