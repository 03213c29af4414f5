// What a plugin needs before it can work; `plimsoll doctor` asks, and says in one sentence why a plugin is off.

export type Needs = {
  /** Runs as root, or holds the capability that the plugin's summary names. */
  readonly root?: boolean;
  /** Programs on PATH. */
  readonly programs?: readonly string[];
  /** Files that have to exist: kernel features, libraries. */
  readonly files?: readonly string[];
  /** Node platforms; absent means all. */
  readonly platforms?: readonly string[];
  readonly network?: boolean;
};
