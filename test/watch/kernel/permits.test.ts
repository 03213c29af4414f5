// What an allow-list becomes in the kernel's tree of prefixes, of which the longest one that fits decides alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkPermit } from "../../../src/model/watch.ts";
import { compilePermits, type PermitEntry } from "../../../src/watch/kernel/compile-permits.ts";

/** As the kernel would decide. */
function ports(permits: readonly NetworkPermit[], address: string): PermitEntry["ports"] | "refused" {
  const [asked] = compilePermits([{ to: address, port: 0 }]);
  const fitting = compilePermits(permits)
    .filter(({ prefix, address: net }) => bits(net).slice(0, prefix) === bits(asked?.address ?? net).slice(0, prefix))
    .sort((one, other) => other.prefix - one.prefix);
  const [longest] = fitting;
  return longest === undefined || longest.ports.length === 0 ? "refused" : longest.ports;
}

function bits(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
}

test("a narrow entry has the ports of the wide ones around it, too", () => {
  const permits = [
    { to: "10.0.0.0/8", port: 80 },
    { to: "10.1.0.0/16", port: 443 },
    { to: "10.1.2.3", port: 22 },
    { to: "10.1.2.3", port: 23 },
  ];
  assert.deepEqual(
    ["10.9.9.9", "10.1.9.9", "10.1.2.3", "11.0.0.1"].map((address) => ports(permits, address)),
    [[80], [80, 443], [22, 23, 80, 443], "refused"],
  );
});

test("all of IPv6 is not all of IPv4 by its IPv6 names: mapped, NAT64, translated, 6to4, Teredo", () => {
  const six = [{ to: "::/0", port: 0 }];
  const addresses = [
    ...["2001:db8::1", "::1", "fe80::1", "169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"],
    ...["64:ff9b:1::a9fe:a9fe", "::ffff:0:a9fe:a9fe", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1"],
  ];
  const only = (text: string): unknown[] => [text, ports(six, text)];
  assert.deepEqual(addresses.map(only), [
    ...[
      ["2001:db8::1", "any"],
      ["::1", "any"],
      ["fe80::1", "any"],
    ],
    ...addresses.slice(3).map((address) => [address, "refused"]),
  ]);
  const both = [...six, { to: "64:ff9b::/96", port: 443 }, { to: "10.0.0.0/8", port: 80 }];
  assert.deepEqual(
    ["64:ff9b::a9fe:a9fe", "10.0.0.1", "::ffff:10.0.0.1", "11.0.0.1", "2001:db8::1"].map((each) => ports(both, each)),
    [[443], [80], [80], "refused", "any"],
  );
});

test("thousands of addresses are compiled in a moment, and more than that are refused", () => {
  const many = Array.from({ length: 4096 }, (_, index) => ({ to: `10.0.${index >> 8}.${index & 255}`, port: 443 }));
  assert.equal(compilePermits([...many, ...many]).length, 4096);
  assert.throws(() => compilePermits([...many, { to: "10.9.9.9", port: 1 }]), /more than 4096 addresses/);
});
