// What a caller asks the engine to do. Every route of the engine's API names one of these; policies speak of nothing else.

export type SystemAction =
  | "system.ping"
  | "system.version"
  | "system.info"
  | "system.events"
  | "system.df"
  | "system.auth"
  | "system.session"
  | "system.grpc"
  | "system.debug"
  | "system.libpod";

export type ContainerAction =
  | "container.list"
  | "container.create"
  | "container.inspect"
  | "container.top"
  | "container.logs"
  | "container.changes"
  | "container.export"
  | "container.stats"
  | "container.resize"
  | "container.start"
  | "container.stop"
  | "container.restart"
  | "container.kill"
  | "container.update"
  | "container.rename"
  | "container.pause"
  | "container.unpause"
  | "container.attach"
  | "container.wait"
  | "container.remove"
  | "container.archive.read"
  | "container.archive.write"
  | "container.commit"
  | "container.prune"
  | "container.checkpoint"
  | "container.watch" // no call of its own: which protections may this container go without? Asked when it is made
  | "exec.create"
  | "exec.start"
  | "exec.resize"
  | "exec.inspect";

export type ImageAction =
  | "image.list"
  | "image.build"
  | "image.build.cancel"
  | "image.build.prune"
  | "image.pull"
  | "image.import"
  | "image.load"
  | "image.inspect"
  | "image.history"
  | "image.push"
  | "image.tag"
  | "image.remove"
  | "image.search"
  | "image.prune"
  | "image.save"
  | "image.distribution"
  | "image.admit"; // no call of its own: may what is in this image run? Asked before a container is made of it

export type NetworkAction =
  | "network.list"
  | "network.create"
  | "network.inspect"
  | "network.remove"
  | "network.connect"
  | "network.disconnect"
  | "network.prune";

export type VolumeAction =
  | "volume.list"
  | "volume.create"
  | "volume.inspect"
  | "volume.update"
  | "volume.remove"
  | "volume.prune";

export type PluginAction =
  | "plugin.list"
  | "plugin.privileges"
  | "plugin.inspect"
  | "plugin.pull"
  | "plugin.create"
  | "plugin.enable"
  | "plugin.disable"
  | "plugin.upgrade"
  | "plugin.push"
  | "plugin.set"
  | "plugin.remove";

export type SwarmAction =
  | "swarm.inspect"
  | "swarm.init"
  | "swarm.join"
  | "swarm.leave"
  | "swarm.update"
  | "swarm.unlockkey"
  | "swarm.unlock"
  | "node.list"
  | "node.inspect"
  | "node.update"
  | "node.remove"
  | "service.list"
  | "service.create"
  | "service.inspect"
  | "service.update"
  | "service.remove"
  | "service.logs"
  | "task.list"
  | "task.inspect"
  | "task.logs"
  | "secret.list"
  | "secret.create"
  | "secret.inspect"
  | "secret.update"
  | "secret.remove"
  | "config.list"
  | "config.create"
  | "config.inspect"
  | "config.update"
  | "config.remove";

export type Action =
  | SystemAction
  | ContainerAction
  | ImageAction
  | NetworkAction
  | VolumeAction
  | PluginAction
  | SwarmAction;

/** The kind of thing an action is done to; also the Cedar entity type of the resource. */
export type ResourceType =
  | "Engine"
  | "Container"
  | "Exec"
  | "Image"
  | "Network"
  | "Volume"
  | "Plugin"
  | "Service"
  | "Task"
  | "Node"
  | "Secret"
  | "Config";
