// Which container a control group is of, by its name: `docker-ID.scope`, `libpod-ID`, `ID`, `lxc.payload.NAME`.
// probes/cgroup.bpf.c reads names in the same way.
// Source: moby's and runc's cgroup drivers, podman libpod, LXC's lxc.cgroup.dir.payload.

export type ContainerName = {
  /** 64 hex; of LXC its name. */
  readonly id: string;
  readonly engine: string;
};

/** Not the process that looks after a container, `libpod-conmon-ID.scope`: it is the engine's. */
const byId = /^(?:([a-z][a-z0-9-]*)(?<!conmon)-)?([0-9a-f]{64})(?:\.scope)?$/;
const ofLxc = /^lxc\.payload\.(.{1,64})$/s;
const engines: Readonly<Record<string, string>> = {
  docker: "docker",
  libpod: "podman",
  "libpod-payload": "podman",
  crio: "cri-o",
  "cri-containerd": "containerd",
  nerdctl: "containerd",
};

/** @param name one segment of a path @returns undefined when it names no container */
export function readContainerName(name: string): ContainerName | undefined {
  const [, prefix, id] = byId.exec(name) ?? [];
  if (id !== undefined) return { id, engine: prefix === undefined ? "docker" : (engines[prefix] ?? prefix) };
  const lxc = ofLxc.exec(name)?.[1];
  return lxc === undefined ? undefined : { id: lxc, engine: "lxc" };
}
