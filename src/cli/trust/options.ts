// What the commands of trust ask alike.

import type { CommandOption } from "../command.ts";
import { configOption } from "../configuration/options.ts";

type Options = Readonly<Record<string, CommandOption>>;

export const registryOptions: Options = {
  "insecure-registry": {
    kind: "value",
    value: "HOST",
    summary: "speak to this registry (host:port) without TLS",
    isList: true,
  },
  config: configOption,
};

export const pinOption: CommandOption = {
  kind: "value",
  value: "NUMBER",
  summary: "read PIN or passphrase from this open file descriptor instead of the terminal",
};

export const signingOptions: Options = {
  key: { kind: "value", short: "k", value: "KEY", summary: "name of a key, pkcs11:... or a file (default: keys use)" },
  certificate: { kind: "value", value: "FILE", summary: "certificate chain of the key in PEM, leaf first (notation)" },
  "pin-fd": pinOption,
  ...registryOptions,
};

export const judgingOptions: Options = {
  "trust-file": { kind: "value", value: "FILE", summary: "judge by this trust file" },
  key: { kind: "value", short: "k", value: "FILE", summary: "judge by this public key alone, without a trust file" },
  platform: { kind: "value", value: "OS/ARCH", summary: "which image of several, linux/arm64 or linux/arm/v7" },
  ...registryOptions,
};
