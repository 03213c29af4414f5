// Namespace modes and security options of a HostConfig, each as one word.
// Source: moby, api/types/container/hostconfig.go; daemon/daemon_unix.go, parseSecurityOpt.

/** `private`, `host`, `container` or `other`. */
export function pidMode(mode: string): string {
  if (mode === "" || mode === "private") return "private";
  if (mode === "host") return "host";
  return mode.startsWith("container:") ? "container" : "other";
}

/** `private`, `none`, `shareable`, `host`, `container` or `other`. */
export function ipcMode(mode: string): string {
  if (mode === "none" || mode === "shareable") return mode;
  return pidMode(mode);
}

/** `default`, `none`, `host`, `container`, `named` or `other`; what a name is must have been pinned. */
export function networkMode(mode: string): string {
  if (mode === "" || mode === "default" || mode === "bridge") return "default";
  if (mode === "none" || mode === "host") return mode;
  if (mode.startsWith("container:")) return "container";
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(mode) ? "named" : "other";
}

/** A container may join several networks: the one that gives most counts. */
export function strongestMode(modes: readonly string[]): string {
  const order = ["other", "host", "container", "named"];
  return order.find((mode) => modes.includes(mode)) ?? modes[0] ?? "default";
}

/** `private` or `host`; anything else counts as the host's. */
export function hostMode(mode: string): string {
  return mode === "" || mode === "private" ? "private" : "host";
}

export type SecurityOptions = {
  readonly seccomp: string;
  readonly apparmor: string;
  readonly selinux: string;
  readonly noNewPrivileges: boolean;
  readonly systemPathsUnconfined: boolean;
  readonly other: readonly string[];
};

const none: SecurityOptions = {
  seccomp: "default",
  apparmor: "default",
  selinux: "default",
  noNewPrivileges: false,
  systemPathsUnconfined: false,
  other: [],
};

/** The engine takes `key=value` and the older `key:value`; later options win over earlier ones. */
export function securityOptions(options: readonly string[]): SecurityOptions {
  return options.reduce(readOption, none);
}

function readOption(found: SecurityOptions, option: string): SecurityOptions {
  const [, key = option, value = ""] = /^([^=:]+)[=:]([\s\S]*)$/.exec(option) ?? [];
  switch (key) {
    case "seccomp":
      return { ...found, seccomp: value === "unconfined" ? "unconfined" : value === "builtin" ? "default" : "custom" };
    case "apparmor":
      return { ...found, apparmor: value === "unconfined" ? value : value === "docker-default" ? "default" : "custom" };
    case "label":
      return { ...found, selinux: value === "disable" ? "disabled" : "custom" };
    case "no-new-privileges":
      return readNoNewPrivileges(found, option, value);
    case "systempaths":
      return { ...found, systemPathsUnconfined: true };
    default:
      return { ...found, other: [...found.other, option.slice(0, 200)] };
  }
}

function readNoNewPrivileges(found: SecurityOptions, option: string, value: string): SecurityOptions {
  if (option === "no-new-privileges" || value === "true" || value === "1") return { ...found, noNewPrivileges: true };
  if (value === "false" || value === "0") {
    // Switching a daemon-wide default off is a weakening, and has to be seen.
    return { ...found, noNewPrivileges: false, other: [...found.other, "no-new-privileges=false"] };
  }
  return { ...found, other: [...found.other, option.slice(0, 200)] };
}
