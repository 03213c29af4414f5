import assert from "node:assert/strict";
import { test } from "node:test";
import { takesHostAddresses } from "../../../src/gate/facts/subnets.ts";

test("a network may have private addresses that are not the host's, and no others", () => {
  const host = ["192.168.1.7/24", "fd00:1::5/64", "8.8.8.1/24"];
  const free = ["172.28.0.0/16", "10.0.0.0/8", "192.168.2.0/24", "192.168.0.0/24", "fd00:2::/64"];
  const taken = [
    "192.168.1.0/24",
    "192.168.1.128/25",
    "192.168.1.1/32",
    "192.168.0.0/16",
    "fd00:1::/64",
    "fd00:1::1/128",
    "fc00::/7",
    "8.8.8.8/32",
    "0.0.0.0/0",
    "172.0.0.0/8",
    "2001:db8::/32",
    "::ffff:10.0.0.0/104",
    "169.254.169.254/32",
    "10.0.0.0",
    "10.0.0.0/33",
    "010.0.0.0/8",
    "",
  ];
  assert.deepEqual(
    {
      free: free.filter((subnet) => takesHostAddresses(subnet, host)),
      taken: taken.filter((subnet) => !takesHostAddresses(subnet, host)),
    },
    { free: [], taken: [] },
  );
});
