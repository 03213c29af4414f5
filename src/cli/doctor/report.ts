// What the doctor found: data first, so that people and scripts get the same.

export type DoctorReport = {
  readonly host: { readonly name: string; readonly kernel: string; readonly isRoot: boolean };
  readonly doors: readonly Door[];
  readonly holes: readonly FoundHole[];
  readonly kernel: readonly Feature[];
  readonly plugins: readonly PluginState[];
  readonly trust: TrustState;
  /** Folders with programs in the kernel of a Plimsoll that runs no more. */
  readonly leftovers: readonly string[];
  /** What could not be looked at, and why. */
  readonly unknown: readonly string[];
};

/** Whether anybody has to have signed images on this host. */
export type TrustState = {
  /** The trust file that `plimsoll up` would take. */
  readonly file: string;
  /** `absent`: nothing is demanded; `broken`: `plimsoll up` would not start. */
  readonly state: "good" | "absent" | "broken";
  /** One sentence. */
  readonly detail: string;
};

/** One way to an engine that is open today. */
export type Door = {
  /** `/run/docker.sock`, `tcp://0.0.0.0:2375`. */
  readonly address: string;
  readonly kind: "unix" | "tcp";
  /** `docker 20.10.24+dfsg1, API 1.12-1.41`; "" when it could not be asked. */
  readonly engine: string;
  /** A gate stands in front of the engine here. */
  readonly isGuarded: boolean;
  /** `root:docker 0660`, `no TLS`. */
  readonly access: string;
  /** Whoever opens it acts as this user of the host; `root` but for rootless engines. */
  readonly runsAs: string;
  /** Users of this host that may open it, beside root and runsAs: names, or `every user of this host`. */
  readonly users: readonly string[];
  /** Running containers into which it is mounted. */
  readonly containers: readonly string[];
};

export type FoundHole = {
  /** `CVE-2024-41110`, `api-before-1.24`. */
  readonly id: string;
  /** `docker 20.10.24` */
  readonly component: string;
  readonly summary: string;
  /** How Plimsoll in front of the engine changes it; "" when it does not. */
  readonly closedBy: string;
  readonly source: string;
};

export type Feature = {
  readonly name: string;
  readonly state: "on" | "off" | "unknown";
  readonly detail: string;
};

export type PluginState = {
  /** `identity`, `listener`. */
  readonly kind: string;
  readonly name: string;
  readonly summary: string;
  /** One sentence; "" when it works here. */
  readonly whyOff: string;
};

/** A door through which users become somebody else, most often root. */
export function isOpenDoor(door: Door): boolean {
  return !door.isGuarded && (door.users.length > 0 || door.containers.length > 0);
}

export function openHoles(report: DoctorReport): readonly FoundHole[] {
  return report.holes.filter((hole) => hole.closedBy === "");
}
