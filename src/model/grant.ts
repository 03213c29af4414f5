// Named exceptions. An escalation class stays shut whatever the policy text permits, until a policy grants it by name.

export type Grant =
  | "owner.any" // act on objects of every owner
  | "owner.unowned" // act on containers, volumes and networks that no caller of Plimsoll made
  | "build.unrestricted" // BuildKit (/session, /grpc): builds whose steps the gate cannot see
  | "build.host" // classic build with host network, foreign network namespace or cgroup parent
  | "container.privileged"
  | "container.capabilities" // add any Linux capability
  | "container.host-namespaces" // pid, ipc, network, uts, cgroup or user namespace of the host
  | "container.devices"
  | "container.host-binds" // bind any host path
  | "container.engine-socket" // bind the engine's or Plimsoll's own socket or state
  | "container.security-options" // seccomp, AppArmor, SELinux or masked paths switched off
  | "container.runtime"
  | "container.sysctls"
  | "container.cgroup-parent"
  | "container.annotations"
  | "container.log-driver"
  | "container.privileged-ports" // publish a host port below 1024
  | "container.resources" // out-of-memory score below 0, unlimited locked memory
  | "volume.driver-options"
  | "network.host-interfaces" // macvlan, ipvlan, chosen bridge names
  | "image.remote-source" // import or build from a URL that the engine fetches
  | "image.any-tag" // move a tag that another owner set
  | "image.findings" // run images whatever was found in them
  | "image.unsigned" // take in and run images whoever signed them, and what the gate cannot look into
  | "registry.private" // registries on loopback, link-local and private addresses
  | "engine.auth" // POST /auth: the engine sends credentials to a server the caller names
  | "engine.debug"
  | "engine.plugins"
  | "engine.swarm"
  | "engine.checkpoints"
  | "engine.libpod";
