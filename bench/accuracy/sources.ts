// Of which source package a binary package was built: labels name the binary, advisories the source. An inventory reads this from
// the image's own package database; a label does not say it. As the distributions' package lists have it, for packages of labels.

const debian: Readonly<Record<string, readonly string[]>> = {
  bzip2: ["libbz2-1.0"],
  curl: ["libcurl3", "libcurl3-gnutls", "libcurl4"],
  "cyrus-sasl2": ["libsasl2-2", "libsasl2-modules-db"],
  e2fsprogs: ["e2fslibs", "libcomerr2", "libss2", "libcom-err2", "libext2fs2"],
  expat: ["libexpat1"],
  freetype: ["libfreetype6"],
  glibc: ["libc-bin", "libc6", "multiarch-support"],
  gnutls28: ["libgnutls-deb0-28", "libgnutls30"],
  gnupg2: ["gnupg-utils"],
  icu: ["libicu52"],
  inetutils: ["inetutils-ping"],
  krb5: ["libgssapi-krb5-2", "libk5crypto3", "libkrb5-3", "libkrb5support0"],
  libffi: ["libffi6"],
  libidn: ["libidn11"],
  libidn2: ["libidn2-0"],
  libssh2: ["libssh2-1"],
  libzstd: ["libzstd1"],
  lz4: ["liblz4-1"],
  ncurses: ["libncursesw6", "libncurses5", "libncursesw5", "libtinfo5", "libtinfo6", "ncurses-base", "ncurses-bin"],
  nettle: ["libhogweed4", "libnettle6"],
  nghttp2: ["libnghttp2-14"],
  openldap: ["libldap-2.4-2", "libldap-common"],
  openssl: ["libssl1.0.0", "libssl1.1"],
  "p11-kit": ["libp11-kit0", "p11-kit-modules"],
  pcre2: ["libpcre2-8-0"],
  perl: ["perl-base"],
  procps: ["libprocps3"],
  "python2.7": ["libpython2.7-minimal", "libpython2.7-stdlib", "python2.7-minimal"],
  rtmpdump: ["librtmp1"],
  shadow: ["login", "passwd"],
  sqlite3: ["libsqlite3-0"],
  subversion: ["libsvn1"],
  systemd: ["libsystemd0", "libudev1", "systemd-sysv", "udev"],
  "util-linux": ["bsdutils", "libblkid1", "libmount1", "libsmartcols1", "libuuid1", "mount"],
  "xz-utils": ["liblzma5"],
  zlib: ["zlib1g"],
};

const alpine: Readonly<Record<string, readonly string[]>> = {
  busybox: ["ssl_client"],
  curl: ["libcurl"],
  glibc: ["glibc-locale-posix", "ld-linux"],
  openssl: ["libcrypto1.0", "libssl1.0"],
};

function bySource(table: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(table).flatMap(([source, names]) => names.map((name) => [name, source] as const)));
}

const debianSources = bySource(debian);
const alpineOrigins = bySource(alpine);

export function debianSource(binary: string): string {
  return debianSources.get(binary) ?? binary;
}

export function alpineOrigin(name: string): string {
  return alpineOrigins.get(name) ?? name;
}
