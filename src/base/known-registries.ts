// Names that people know by sight, and that somebody might therefore imitate. Nothing is trusted because it is in these lists.
// Source: the registries that public images are published on; docker-library/official-images, library/ (names of official images).

/** Hosts, and all below them. */
export const knownRegistries: readonly string[] = [
  ...["docker.io", "ghcr.io", "quay.io", "gcr.io", "pkg.dev", "registry.k8s.io", "k8s.gcr.io", "mcr.microsoft.com"],
  ...["azurecr.io", "public.ecr.aws", "amazonaws.com", "registry.gitlab.com", "registry.access.redhat.com"],
  ...["registry.redhat.io", "registry.connect.redhat.com", "docker.elastic.co", "lscr.io", "cgr.dev", "icr.io"],
  ...["nvcr.io", "registry.fedoraproject.org", "registry.opensuse.org", "registry.suse.com", "registry.access.ibm.com"],
  ...["container-registry.oracle.com", "hub.docker.com", "codeberg.org", "ocr.sap.com", "docker.com"],
];

/** Hosts by which Docker Hub answers besides docker.io; rules for docker.io do not speak of them. */
export const otherNamesOfDockerHub: readonly string[] = [
  ...["registry-1.docker.io", "registry.docker.io", "registry.hub.docker.com", "hub.docker.com", "www.docker.io"],
  ...["docker.com", "www.docker.com", "registry.docker.com", "cdn.docker.io", "auth.docker.io"],
];

export const officialImages: readonly string[] = [
  ...[
    "adminer",
    "aerospike",
    "almalinux",
    "alpine",
    "amazoncorretto",
    "amazonlinux",
    "arangodb",
    "archlinux",
    "backdrop",
  ],
  ...[
    "bash",
    "bonita",
    "buildpack-deps",
    "busybox",
    "caddy",
    "cassandra",
    "chronograf",
    "cirros",
    "clearlinux",
    "clefos",
  ],
  ...["clickhouse", "clojure", "composer", "convertigo", "couchbase", "couchdb", "crate", "dart", "debian", "docker"],
  ...[
    "drupal",
    "eclipse-mosquitto",
    "eclipse-temurin",
    "eggdrop",
    "elasticsearch",
    "elixir",
    "emqx",
    "erlang",
    "fedora",
  ],
  ...["flink", "fluentd", "friendica", "gazebo", "gcc", "geonetwork", "ghost", "golang", "gradle", "groovy", "haproxy"],
  ...["haskell", "haxe", "hello-world", "hitch", "httpd", "hylang", "ibmjava", "influxdb", "irssi", "jetty", "joomla"],
  ...["jruby", "julia", "kapacitor", "kibana", "kong", "krakend", "lightstreamer", "liquibase", "logstash", "mageia"],
  ...["mariadb", "matomo", "maven", "mediawiki", "memcached", "mongo", "mongo-express", "monica", "mysql", "nats"],
  ...["nats-streaming", "neo4j", "neurodebian", "nextcloud", "nginx", "node", "odoo", "open-liberty", "openjdk"],
  ...["opensuse", "oraclelinux", "orientdb", "percona", "perl", "photon", "php", "phpmyadmin", "plone", "postfixadmin"],
  ...[
    "postgres",
    "pypy",
    "python",
    "rabbitmq",
    "rakudo-star",
    "redis",
    "redmine",
    "registry",
    "rethinkdb",
    "rocket.chat",
  ],
  ...["rockylinux", "ros", "ruby", "rust", "sapmachine", "satosa", "scratch", "silverpeas", "solr", "sonarqube"],
  ...["spark", "spiped", "storm", "swift", "swipl", "teamspeak", "telegraf", "tomcat", "tomee", "traefik", "ubuntu"],
  ...["unit", "varnish", "websphere-liberty", "wordpress", "xwiki", "yourls", "znc", "zookeeper"],
];
