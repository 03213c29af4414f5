// Where files belong: the system's folders for root, the user's own for everybody else. systemd's choice wins.
// Source: Filesystem Hierarchy Standard 3.0; XDG Base Directory Specification 0.8; systemd.exec(5), RuntimeDirectory=.

import { homedir } from "node:os";
import { join } from "node:path";

export type Folders = {
  readonly configuration: string;
  readonly state: string;
  readonly runtime: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

export function chooseFolders(environment: Environment, isRoot: boolean): Folders {
  const home = environment["HOME"] || homedir();
  const own = (variable: string, fallback: string): string => {
    const base = environment[variable];
    return join(base?.startsWith("/") ? base : fallback, "plimsoll");
  };
  const [configuration, state, runtime] = isRoot
    ? ["/etc/plimsoll", "/var/lib/plimsoll", "/run/plimsoll"]
    : [
        own("XDG_CONFIG_HOME", join(home, ".config")),
        own("XDG_STATE_HOME", join(home, ".local", "state")),
        own("XDG_RUNTIME_DIR", join(home, ".cache", "run")),
      ];
  return {
    configuration: firstOf(environment["CONFIGURATION_DIRECTORY"]) ?? configuration,
    state: firstOf(environment["STATE_DIRECTORY"]) ?? state,
    runtime: firstOf(environment["RUNTIME_DIRECTORY"]) ?? runtime,
  };
}

/** systemd lists several folders with colons between. */
function firstOf(folders: string | undefined): string | undefined {
  const first = folders?.split(":")[0];
  return first?.startsWith("/") ? first : undefined;
}
