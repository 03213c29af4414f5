// Names that are made to be taken for others, and names that are not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nameWarnings } from "../../src/base/name-warnings.ts";
import { parseReference } from "../../src/base/reference.ts";

const rulesOf = (name: string): readonly string[] => nameWarnings(parseReference(name)).map(({ rule }) => rule);

test("hosts that look like a well-known registry are named, with the registry that they are not", () => {
  const names: Readonly<Record<string, string>> = {
    "d0cker.io/library/nginx": "docker.io",
    "dokcer.io/library/nginx": "docker.io",
    "docker.lo/nginx": "docker.io",
    "docker.io.evil.test/library/app": "docker.io",
    "docker-io.test/app": "docker.io",
    "ghcr.lo/team/app": "ghcr.io",
    "qvay.io/team/app": "quay.io",
    "quay.io-mirror.test/team/app": "quay.io",
    "rncr.microsoft.com/app": "mcr.microsoft.com",
    "xn--dcker-jye.io/library/app": "docker.io",
    "registry.k8s.io.test/pause": "registry.k8s.io",
  };
  for (const [name, known] of Object.entries(names)) {
    const details = nameWarnings(parseReference(name)).map(({ detail }) => detail);
    assert.ok(
      details.some((detail) => detail.includes(`is not ${known},`)),
      `${name}: ${details.join("; ")}`,
    );
  }
});

test("a host in punycode is shown with its letters as numbers: the warning itself deceives nobody", () => {
  const [warning] = nameWarnings(parseReference("xn--dcker-jye.io/library/app"));
  assert.deepEqual(warning, { rule: "punycode-host", detail: "xn--dcker-jye.io is shown as d\\u{43e}cker.io" });
});

test("other doors to Docker Hub, other ports, capitals: rules for docker.io do not speak of them, and that is said", () => {
  assert.deepEqual(
    {
      hub: rulesOf("registry-1.docker.io/library/nginx"),
      port: rulesOf("docker.io:5000/library/app"),
      capitals: rulesOf("Docker.IO/team/app"),
      index: rulesOf("index.docker.io/nginx"),
    },
    {
      hub: ["another-name-of-docker-hub", "official-name-elsewhere"],
      port: ["known-registry-with-port"],
      capitals: ["upper-case-host"],
      index: [],
    },
  );
});

test("accounts that look like a host or like the official images, and official names elsewhere, are named", () => {
  const rules: Readonly<Record<string, string>> = {
    "ghcr/team": "host-without-dot",
    "quay-io/app": "host-without-dot",
    "libary/nginx": "like-library",
    "1ibrary/nginx": "like-library",
    "registry.test/library/nginx": "official-name-elsewhere",
    ngnix: "like-an-official-image",
    "0penjdk": "like-an-official-image",
    deadbeefcafe: "name-like-an-id",
    [`team/app:sha256-${"a".repeat(64)}`]: "tag-like-a-digest",
  };
  for (const [name, rule] of Object.entries(rules)) assert.deepEqual(rulesOf(name), [rule], name);
});

test("usual names bring no warning", () => {
  const names = [
    ...["nginx", "docker.io/library/nginx:1.27", "team/app", "bitnami/redis", "ghcr.io/team/app", "eu.gcr.io/p/app"],
    ...["123456789012.dkr.ecr.eu-central-1.amazonaws.com/app", "europe-docker.pkg.dev/p/app", "localhost:5000/app"],
    ...["registry.acme.test/team/app:1.4", "127.0.0.1:5000/app", "[::1]:5000/app", "mcr.microsoft.com/dotnet/sdk:9.0"],
    ...["quay.io/prometheus/node-exporter", "public.ecr.aws/nginx/nginx", "harbor.acme.test/library/app", "myapp"],
  ];
  for (const name of names) assert.deepEqual(rulesOf(name), [], name);
});
