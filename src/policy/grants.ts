// The names that a policy may grant, each with what it opens; the compiler holds the list to the union of the model.

import type { Grant } from "../model/grant.ts";

export const grantMeanings: Readonly<Record<Grant, string>> = {
  "owner.any": "act on objects of every owner",
  "owner.unowned": "act on objects that no caller of Plimsoll made",
  "build.unrestricted": "build with BuildKit, whose steps the gate cannot see",
  "build.host": "build with the host's network, a foreign network namespace or a cgroup parent",
  "container.privileged": "run privileged containers",
  "container.capabilities": "add any Linux capability",
  "container.host-namespaces": "join namespaces of the host",
  "container.devices": "give devices of the host to containers",
  "container.host-binds": "bind any host path",
  "container.engine-socket": "bind the socket or state of the engine or of Plimsoll",
  "container.security-options": "switch off seccomp, AppArmor, SELinux or masked paths",
  "container.runtime": "choose the runtime",
  "container.sysctls": "set any sysctl",
  "container.cgroup-parent": "choose the cgroup parent",
  "container.annotations": "pass annotations to the runtime",
  "container.log-driver": "choose a log driver that connects elsewhere",
  "container.privileged-ports": "publish host ports below 1024",
  "container.resources": "lower the out-of-memory score, lock memory without limit",
  "volume.driver-options": "create volumes with any driver and options",
  "network.host-interfaces": "create networks that reach a host interface",
  "image.remote-source": "import or build from a URL that the engine fetches",
  "image.any-tag": "move a tag that another owner set",
  "image.findings": "run images whatever was found in them",
  "image.unsigned": "use images whatever the trust file says of them",
  "registry.private": "use registries on loopback, link-local and private addresses",
  "engine.auth": "make the engine send credentials to a server that the caller names",
  "engine.debug": "read the engine's debug routes",
  "engine.plugins": "manage engine plugins",
  "engine.swarm": "use swarm mode",
  "engine.checkpoints": "checkpoint containers",
  "engine.libpod": "use Podman's own API",
};

export function isGrant(name: string): name is Grant {
  return Object.hasOwn(grantMeanings, name);
}
