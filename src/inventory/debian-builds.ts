// Who built a Debian package: the distribution, or somebody with an own archive? A package does not say, so several signs together decide.
// Looked at: all packages of Debian bookworm (none is taken for foreign), and the archives of those named below.

/** Debian's and Ubuntu's own addresses; people in Debian also use private ones. */
const officialAddress =
  /@(?:[\w.-]+\.)?(?:debian\.(?:org|net)|ubuntu\.com|canonical\.com|kali\.org|raspbian\.org|raspberrypi\.(?:com|org))>?$/i;

/** Archives of vendors, by what their maintainer field holds. */
const knownVendors = new RegExp(
  [
    "nodesource|docker\\.com|cudatools|nvidia corporation|google (?:cloud|llc|chrome)|chromium-packager|microsoft\\.com|github\\.com|^github$",
    "gitlab\\.com|hashicorp|elastic\\.co|grafana|influxdata|mongodb\\.com|oracle\\.com|percona|mariadb\\.(?:org|com)|postgresql\\.org",
    "citusdata|confluent|datadog|newrelic|jenkins-ci|konghq|nginx\\.(?:com|org)|rabbitmq|redis(?:labs\\.com|\\.com|\\.io)|varnish-software",
    "haproxy\\.com|adoptium|eclipse\\.org|azul\\.com|amazon\\.com|saltproject|puppet|chef\\.io|couchbase|cloudflare|tailscale|neo4j",
    "clickhouse|phusion|deb\\.sury\\.org",
  ].join("|"),
  "i",
);

/** Words that rebuilders put into versions. */
const vendorVersion = /nodesource|\.pgdg|~sury|\+ubuntu\d+\.\d+\.\d+\+deb\.sury/i;

/** @param control fields of the control record, names in lower case */
export function isThirdPartyBuild(control: ReadonlyMap<string, string>): boolean {
  if (vendorVersion.test(control.get("version") ?? "")) return true;
  const maintainer = control.get("maintainer") ?? "";
  if (officialAddress.test(maintainer)) return false;
  // dpkg-deb as Debian uses it writes neither field; fpm, nfpm and their like do.
  if (control.has("vendor") || control.has("license")) return true;
  return knownVendors.test(maintainer);
}
