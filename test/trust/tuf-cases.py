# The cases that tuf-conformance (theupdateframework/tuf-conformance) names, made with the reference implementation: for each a first
# root, and states of a repository that follow one another. Beside each what the reference client (tuf.ngclient) makes of it.
# Argument: the folder to write to, the trusted root that the repositories carry.
import copy
import json
import os
import shutil
import ssl
import sys
from datetime import datetime, timedelta, timezone

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import DelegatedRole, Delegations, Key, Metadata, MetaFile, Root, Signature, Snapshot, TargetFile, Targets, Timestamp

# Its client brings one for servers along, which wants the authorities of the web; nothing here asks a server.
ssl.SSLContext.load_verify_locations = lambda *_, **__: None
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

out, target_path = sys.argv[1], sys.argv[2]
content = open(target_path, "rb").read()
now = datetime.now(timezone.utc).replace(microsecond=0)
soon, past = now + timedelta(days=30), now - timedelta(days=5)
ROLES = ("root", "timestamp", "snapshot", "targets")
TARGET = "trusted_root.json"
new_key = CryptoSigner.generate_ecdsa


class Repository:
    def __init__(self):
        self.signers = {role: [new_key()] for role in ROLES}
        self.root = Root(expires=soon, consistent_snapshot=True)
        for role in ROLES:
            self.root.add_key(self.signers[role][0].public_key, role)
        self.targets = Targets(expires=soon)
        self.snapshot = Snapshot(expires=soon)
        self.timestamp = Timestamp(expires=soon)
        self.delegated = {}
        self.roots = {}
        self.hashes = False
        self.content, self.served, self.listed_in = content, None, "targets"
        self.lies = {}
        # Other names of one key, under which its signature stands again.
        self.twins = []
        self.publish_root()

    def signed(self, part, role):
        metadata = Metadata(copy.deepcopy(part))
        for signer in self.signers[role]:
            metadata.sign(signer, append=True)
        for keyid in self.twins if role == "snapshot" else []:
            last = metadata.signatures[self.signers[role][-1].public_key.keyid]
            metadata.signatures[keyid] = Signature(keyid, last.signature)
        return metadata.to_bytes()

    def publish_root(self):
        self.roots[self.root.version] = self.signed(self.root, "root")

    def bump_root(self):
        self.root.version += 1
        self.publish_root()

    def step(self):
        for part in (self.targets, self.snapshot, self.timestamp):
            part.version += 1

    def rotate(self, role):
        for keyid in list(self.root.roles[role].keyids):
            self.root.revoke_key(keyid, role)
        self.signers[role] = [new_key()]
        self.root.add_key(self.signers[role][0].public_key, role)

    def meta(self, part, data):
        if not self.hashes:
            return MetaFile(part.version)
        return MetaFile.from_data(part.version, data, ["sha256"])

    def write(self, folder):
        os.makedirs(os.path.join(folder, "targets"))
        put = lambda file, data: open(os.path.join(folder, file), "wb").write(data)
        info = TargetFile.from_data(TARGET, self.content)
        for name, part in {"targets": self.targets, **self.delegated}.items():
            part.targets = {TARGET: info} if name == self.listed_in else {}
        for name, part in {"targets": self.targets, **self.delegated}.items():
            data = self.signed(part, name)
            self.snapshot.meta["%s.json" % name] = self.meta(part, data)
            put("%d.%s.json" % (part.version, name), data)
        if "targets" in self.lies:
            changed = copy.deepcopy(self.targets)
            self.lies["targets"](changed)
            put("%d.targets.json" % self.targets.version, self.signed(changed, "targets"))
        snapshot = self.signed(self.snapshot, "snapshot")
        self.timestamp.snapshot_meta = self.meta(self.snapshot, snapshot)
        if "snapshot" in self.lies:
            changed = copy.deepcopy(self.snapshot)
            self.lies["snapshot"](changed)
            snapshot = self.signed(changed, "snapshot")
        put("%d.snapshot.json" % self.snapshot.version, snapshot)
        if "timestamp" in self.lies:
            self.lies["timestamp"](self.timestamp)
        put("timestamp.json", self.signed(self.timestamp, "timestamp"))
        for version, data in self.roots.items():
            put("%d.root.json" % version, data)
        put("targets/%s.%s" % (info.hashes["sha256"], TARGET), self.content if self.served is None else self.served)


cases = {}


def case(name, *changes, first=None):
    """One state for each change, a start without any before them; the client sees all of them in order."""
    folder = os.path.join(out, name)
    os.makedirs(folder)
    repository = Repository()
    states = []
    for number, change in enumerate((lambda r: None,) + changes):
        change(repository)
        states.append(os.path.join(folder, str(number)))
        repository.write(states[-1])
        if number == 0:
            root = repository.roots[min(repository.roots)]
            open(os.path.join(folder, "root.json"), "wb").write(first(root) if first else root)
        repository.lies = {}
    cases[name] = states


def changed(**lies):
    def change(r):
        r.step()
        r.lies = lies

    return change


def version(value):
    return lambda part: setattr(part, "version", value(part.version))


def stepped(work):
    def change(r):
        r.step()
        work(r)

    return change


# test_basic
case("basic-init-and-refresh")
case("timestamp-content-changes", lambda r: r.lies.update(timestamp=lambda t: setattr(t.snapshot_meta, "version", 100)))


def with_hashes(work):
    def change(r):
        r.hashes = True
        r.step()
        work(r)

    return change


case("new-targets-hash-mismatch", with_hashes(lambda r: None), with_hashes(lambda r: r.lies.update(targets=lambda t: t.unrecognized_fields.update(x=1))))
case("new-targets-version-mismatch", changed(targets=version(lambda v: v + 1)))


def without_version(data):
    document = json.loads(data)
    del document["signed"]["version"]
    return json.dumps(document).encode()


def unsigned(data):
    document = json.loads(data)
    document["signatures"][0]["sig"] = "3045022100ee" + "00" * 66
    return json.dumps(document).encode()


case("invalid-initial-root", first=without_version)
case("unsigned-initial-root", first=unsigned)


def custom_fields(r):
    r.root.unrecognized_fields["custom-field"] = "value"
    r.root.roles["root"].unrecognized_fields["another-field"] = "value"
    keyid = r.root.roles["root"].keyids[0]
    r.root.keys[keyid].unrecognized_fields["extra-field"] = {"a": 1}
    r.bump_root()


case("custom-fields", custom_fields)

# test_rollback
case("simple-snapshot-rollback", lambda r: r.step(), lambda r: r.lies.update(snapshot=version(lambda v: v - 1)))
case("new-timestamp-version-rollback", lambda r: r.step(), lambda r: setattr(r.timestamp, "version", 1))


def set_back(part, hashes):
    def change(r):
        r.hashes = hashes
        r.step()
        getattr(r, part).version = 1

    return change


def advance(hashes):
    def change(r):
        r.hashes = hashes
        r.step()
        r.step()

    return change


for hashes, suffix in ((False, "basic"), (True, "with-hashes")):
    case("snapshot-rollback-" + suffix, advance(hashes), set_back("snapshot", hashes))
    case("targets-rollback-" + suffix, advance(hashes), set_back("targets", hashes))


def fast_forward(part):
    def change(r):
        r.step()
        getattr(r, part).version = 100

    return change


def recover(part, roles):
    def change(r):
        for role in roles:
            r.rotate(role)
        r.bump_root()
        r.step()
        getattr(r, part).version = 1

    return change


case("new-timestamp-fast-forward-recovery", fast_forward("timestamp"), recover("timestamp", ["timestamp"]))
case("new-snapshot-fast-forward-recovery", fast_forward("snapshot"), recover("snapshot", ["timestamp", "snapshot"]))
case("new-targets-fast-forward-recovery", fast_forward("targets"), recover("targets", ["snapshot"]))
case("new-snapshot-version-mismatch", changed(snapshot=version(lambda v: v + 1)))


# test_expiration, test_delegated_expiration
def expire(part):
    return stepped(lambda r: setattr(getattr(r, part), "expires", past))


def expire_root(r):
    r.root.expires = past
    r.bump_root()
    r.step()


case("root-expired", lambda r: r.bump_root(), expire_root)
for part in ("timestamp", "snapshot", "targets"):
    case(part + "-expired", expire(part))


def renew(r):
    r.step()
    r.timestamp.expires = soon


# The client gets the ended ones as its own: they were good when it fetched them.
case("expired-metadata", expire("timestamp"), renew)


def delegate(r, delegator, name, paths=("*",), terminating=False, expires=soon):
    signer = new_key()
    part = r.targets if delegator == "targets" else r.delegated[delegator]
    role = DelegatedRole(name, [], 1, terminating, list(paths))
    if part.delegations is None:
        part.delegations = Delegations({}, {})
    known = name in r.delegated
    signer = r.signers[name][0] if known else signer
    part.delegations.roles[name] = role
    part.delegations.keys[signer.public_key.keyid] = signer.public_key
    role.keyids = [signer.public_key.keyid]
    r.signers[name] = [signer]
    if not known:
        r.delegated[name] = Targets(expires=expires)


def graph(edges, listed_in):
    def change(r):
        r.step()
        for edge in edges:
            delegate(r, edge[0], edge[1], **(edge[2] if len(edge) > 2 else {}))
        r.listed_in = listed_in

    return change


case("delegated-role-expired", graph([("targets", "A", {"expires": past})], "A"))


# test_keys
def add_keys(r, role, count, signs=True):
    for _ in range(count):
        signer = new_key()
        r.root.add_key(signer.public_key, role)
        if signs:
            r.signers[role].append(signer)


def keys_without_signatures(r):
    add_keys(r, "snapshot", 3)
    add_keys(r, "snapshot", 2, signs=False)
    r.root.roles["snapshot"].threshold = 5
    r.bump_root()
    r.step()


def wrong_hashing_algorithm(r):
    add_keys(r, "snapshot", 4)
    r.root.roles["snapshot"].threshold = 5
    keyid = r.root.roles["snapshot"].keyids[0]
    r.root.keys[keyid].unrecognized_fields["keyid_hash_algorithms"] = ["md5"]
    r.bump_root()
    r.step()


def snapshot_threshold(r):
    add_keys(r, "snapshot", 4)
    r.root.roles["snapshot"].threshold = 6
    r.bump_root()
    r.step()


def duplicate_keys(r):
    signer = new_key()
    twins = []
    r.signers["snapshot"].append(signer)
    for number in range(9):
        public = signer.public_key
        twin = Key.from_dict("%064x" % number, copy.deepcopy(public.to_dict()))
        r.root.add_key(twin, "snapshot")
        twins.append(twin.keyid)
    r.root.add_key(signer.public_key, "snapshot")
    r.root.roles["snapshot"].threshold = 6
    r.bump_root()
    r.step()
    return twins


case("root-has-keys-but-not-snapshot", keys_without_signatures)
case("wrong-hashing-algorithm", wrong_hashing_algorithm)
case("snapshot-threshold", snapshot_threshold)
case("duplicate-keys-root", lambda r: duplicate_keys(r) and None)
# The same, and the one signature stands under every name.
case("duplicate-keys-root-signed-under-all-names", lambda r: r.twins.extend(duplicate_keys(r)))

# test_file_download
case("client-downloads-expected-file")
case("repository-substitutes-target-file", lambda r: setattr(r, "served", b"malicious"))


def new_content(number):
    def change(r):
        r.step()
        r.content = content + b" " * number
        r.served = None

    return change


def substitute(r):
    r.step()
    r.served = b"malicious"


case("multiple-changes-to-target", new_content(1), new_content(2), substitute, new_content(3), substitute)


# test_updater_key_rotations: keys of the role, how many of them have to sign, who signs
def rotation(name, *roots):
    signers = [new_key() for _ in range(10)]

    def set_root(keys, threshold, by):
        def change(r):
            r.root.roles["root"].keyids.clear()
            r.root.roles["root"].threshold = threshold
            for key in keys:
                r.root.add_key(signers[key].public_key, "root")
            r.signers["root"] = [signers[key] for key in by]
            r.bump_root()

        return change

    def start(r):
        r.roots.clear()
        r.root.version = 0
        set_root(*roots[0])(r)

    folder = os.path.join(out, "root-" + name)
    os.makedirs(folder)
    repository = Repository()
    start(repository)
    open(os.path.join(folder, "root.json"), "wb").write(repository.roots[1])
    states = []
    for number in range(len(roots)):
        if number > 0:
            set_root(*roots[number])(repository)
        states.append(os.path.join(folder, str(number)))
        repository.write(states[-1])
    cases["root-" + name] = states


five, rotated = range(5), (0, 1, 3, 4, 5)
rotation("1-of-1-key-rotation", ([1], 1, [1]), ([2], 1, [2, 1]), ([2], 1, [2]))
rotation("1-of-1-key-rotation-unused-signatures", ([1], 1, [3, 1, 4]), ([2], 1, [3, 2, 1, 4]), ([2], 1, [3, 2, 4]))
rotation("3-of-5-sign-with-different-keycombos", (five, 3, [0, 2, 4]), (five, 3, [0, 4, 1]), (five, 3, [0, 1, 3]), (five, 3, [0, 1, 3]))
rotation("3-of-5-one-key-rotated", (five, 3, [0, 2, 4]), (rotated, 3, [0, 4, 1]))
rotation("3-of-5-one-key-rotated-with-intermediate-step", (five, 3, [0, 2, 4]), (rotated, 3, [0, 2, 4, 5]), (rotated, 3, [0, 4, 5]))
rotation("3-of-5-all-keys-rotated-with-intermediate-step", (five, 3, [0, 2, 4]), (range(5, 10), 3, [0, 2, 4, 5, 6, 7]), (range(5, 10), 3, [5, 6, 7]))
rotation("1-of-3-threshold-increase-to-2-of-3", ([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [1, 2]))
rotation("2-of-3-threshold-decrease-to-1-of-3", ([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1, 2]), ([1, 2, 3], 1, [1]))
rotation("1-of-2-threshold-increase-to-2-of-2", ([1], 1, [1]), ([1, 2], 2, [1, 2]))
rotation("1-of-1-key-rotation-fail-not-signed-with-old-key", ([1], 1, [1]), ([2], 1, [2, 3, 4]))
rotation("1-of-1-key-rotation-fail-not-signed-with-new-key", ([1], 1, [1]), ([2], 1, [1, 3, 4]))
rotation("3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys", (five, 3, [0, 2, 4]), (rotated, 3, [0, 2, 4]))
rotation("3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys", (five, 3, [0, 2, 4]), (rotated, 3, [0, 4, 5]))
rotation("1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached", ([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [2]))
rotation("2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-reached", ([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1]))


def role_rotation(name, keys, threshold, by):
    for role in ROLES[1:]:
        signers = [new_key() for _ in range(10)]

        def change(r):
            r.root.roles[role].keyids.clear()
            r.root.roles[role].threshold = threshold
            for key in keys:
                r.root.add_key(signers[key].public_key, role)
            r.signers[role] = [signers[key] for key in by]
            r.bump_root()
            r.step()

        case("%s-%s" % (role, name), change)


role_rotation("1-of-1-key-rotation", [2], 1, [2])
role_rotation("1-of-1-key-rotation-unused-signatures", [1], 1, [3, 1, 4])
role_rotation("1-of-1-key-rotation-fail-not-signed-with-new-key", [2], 1, [1, 3, 4])
role_rotation("3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys", rotated, 3, [0, 2, 4])
role_rotation("2-of-5-one-key-signature-missing-threshold-not-reached", rotated, 3, [0, 4])
for ordinal, combination in (("first", [0, 2, 4]), ("second", [0, 4, 1]), ("third", [0, 1, 3]), ("fourth", [1, 2, 3]), ("fifth", [2, 3, 4])):
    role_rotation("3-of-5-sign-%s-combo" % ordinal, five, 3, combination)

# test_updater_delegation_graphs: who delegates to whom, and where what is sought is listed
end, only_py = {"terminating": True}, {"paths": ["*.py"]}
T = "targets"
graphs = {
    "basic-delegation": ([(T, "A")], "A"),
    "single-level-delegations": ([(T, "A"), (T, "B")], "B"),
    "two-level-delegations": ([(T, "A"), (T, "B"), ("B", "C")], "C"),
    "two-level-test-DFS-order-of-traversal": ([(T, "A"), (T, "B"), ("A", "C"), ("A", "D")], "B"),
    "three-level-delegation-test-DFS-order-of-traversal": ([(T, "A"), (T, "B"), ("A", "C"), ("C", "D")], "D"),
    "two-level-terminating-ignores-all-but-roles-descendants": ([(T, "A"), (T, "B"), ("A", "C", end), ("A", "D")], "B"),
    "three-level-terminating-ignores-all-but-roles-descendants": ([(T, "A"), (T, "B"), ("A", "C", end), ("C", "D")], "B"),
    "two-level-ignores-all-branches-not-matching-paths": ([(T, "A", only_py), (T, "B"), ("A", "C")], "C"),
    "three-level-ignores-all-branches-not-matching-paths": ([(T, "A"), (T, "B"), ("A", "C", only_py), ("C", "D")], "D"),
    "cyclic-graph": ([(T, "A"), (T, "B"), ("B", "C"), ("C", "D"), ("D", "B")], "nobody"),
    "two-roles-delegating-to-a-third": ([(T, "A"), (T, "B"), ("B", "C"), ("A", "C")], "C"),
    "two-roles-delegating-to-a-third-different-paths": ([(T, "A"), (T, "B"), ("B", "C"), ("A", "C", only_py)], "C"),
    "targetpath-matches-wildcard": ([(T, "A", {"paths": ["*.json"]})], "A"),
    "targetpath-is-not-delegated-by-all-roles-in-the-chain": ([(T, "B", {"paths": ["releases/*"]}), ("B", "D")], "D"),
}
for name, (edges, listed_in) in graphs.items():
    case("graph-" + name, graph(edges, listed_in))


class FolderFetcher(FetcherInterface):
    def __init__(self, folder):
        self.folder = folder

    def _fetch(self, url):
        path = os.path.join(self.folder, url.split("://repository/", 1)[1])
        if not os.path.isfile(path):
            raise DownloadHTTPError("no such file", 404)
        yield open(path, "rb").read()


def versions(folder):
    found = {}
    for role in ROLES:
        path = os.path.join(folder, role + ".json")
        found[role] = json.load(open(path))["signed"].get("version", 0) if os.path.isfile(path) else 0
    return found


def judge(name, states):
    client = os.path.join(out, name, "client")
    os.makedirs(client)
    os.makedirs(client + "-targets")
    shutil.copy(os.path.join(out, name, "root.json"), client)
    told = []
    for state in states:
        try:
            config = UpdaterConfig(max_delegations=8)
            updater = Updater(client, "folder://repository", client + "-targets", "folder://repository/targets", FolderFetcher(state), config)
            updater.refresh()
            info = updater.get_targetinfo(TARGET)
            if info is None:
                raise ValueError("not listed")
            for file in os.listdir(client + "-targets"):
                os.remove(os.path.join(client + "-targets", file))
            updater.download_target(info)
            result = "accepted"
        except Exception:
            result = "refused"
        told.append({"result": result, **versions(client)})
        if name == "expired-metadata" and result == "refused":
            # As if it had been fetched in time.
            shutil.copy(os.path.join(state, "timestamp.json"), client)
    return told


json.dump({name: judge(name, states) for name, states in cases.items()}, open(os.path.join(out, "judged.json"), "w"))
