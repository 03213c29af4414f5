# Makes TUF repositories with the reference implementation, one folder for each state: good ones that follow one another, and ones
# that a client has to refuse. Arguments: the folder to write to, the trusted root that they carry.
import copy
import json
import os
import sys
from datetime import datetime, timedelta, timezone

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

out, target_path = sys.argv[1], sys.argv[2]
soon = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=30)
past = soon - timedelta(days=60)
ROLES = ("root", "timestamp", "snapshot", "targets")


def signers():
    return {role: CryptoSigner.generate_ecdsa() for role in ROLES}


class Repository:
    def __init__(self):
        self.keys = signers()
        self.second = CryptoSigner.generate_ecdsa()
        self.content = open(target_path, "rb").read()
        self.roots = {}
        self.root = Root(expires=soon, consistent_snapshot=True)
        for role in ROLES:
            self.root.add_key(self.keys[role].public_key, role)
        self.root.add_key(self.second.public_key, "root")
        self.root.roles["root"].threshold = 2
        self.targets = Targets(expires=soon)
        self.snapshot = Snapshot(expires=soon)
        self.timestamp = Timestamp(expires=soon)
        self.signed_by = None
        self.publish_root([self.keys["root"], self.second])

    def publish_root(self, by):
        metadata = Metadata(copy.deepcopy(self.root))
        for signer in by:
            metadata.sign(signer, append=True)
        self.roots[self.root.version] = metadata.to_bytes()

    def write(self, name, timestamp_by=None, snapshot_by=None, damage=None, unlisted=False):
        folder = os.path.join(out, name)
        os.makedirs(os.path.join(folder, "targets"))
        info = TargetFile.from_data("trusted_root.json", self.content)
        self.targets.targets = {} if unlisted else {"trusted_root.json": info}
        targets = Metadata(self.targets)
        targets.sign(self.keys["targets"])
        self.snapshot.meta["targets.json"] = MetaFile(self.targets.version)
        snapshot = Metadata(self.snapshot)
        snapshot.sign(snapshot_by or self.keys["snapshot"])
        self.timestamp.snapshot_meta = MetaFile(self.snapshot.version)
        timestamp = Metadata(self.timestamp)
        timestamp.sign(timestamp_by or self.keys["timestamp"])
        put = lambda file, data: open(os.path.join(folder, file), "wb").write(data)
        for version, data in self.roots.items():
            put("%d.root.json" % version, data)
        put("%d.targets.json" % self.targets.version, targets.to_bytes())
        put("%d.snapshot.json" % self.snapshot.version, snapshot.to_bytes())
        put("timestamp.json", timestamp.to_bytes())
        digest = info.hashes["sha256"]
        put("targets/%s.trusted_root.json" % digest, damage or self.content)

    def step(self):
        self.targets.version += 1
        self.snapshot.version += 1
        self.timestamp.version += 1


def variant(repository, name, change, **how):
    other = copy.copy(repository)
    for part in ("root", "targets", "snapshot", "timestamp", "roots"):
        setattr(other, part, copy.deepcopy(getattr(repository, part)))
    change(other)
    other.write(name, **how)


repository = Repository()
first = repository.roots[1]
open(os.path.join(out, "root.json"), "wb").write(first)
repository.write("1-good")
stranger = CryptoSigner.generate_ecdsa()

# A newer one: keys rotated in root 2, everything one version further.
old_keys = dict(repository.keys)
repository.root.version = 2
repository.keys["timestamp"] = CryptoSigner.generate_ecdsa()
repository.root.revoke_key(old_keys["timestamp"].public_key.keyid, "timestamp")
repository.root.add_key(repository.keys["timestamp"].public_key, "timestamp")
repository.publish_root([repository.keys["root"], repository.second])
repository.step()
repository.write("2-rotated")
third = CryptoSigner.generate_ecdsa()


def rotate_root(r, by):
    r.root.version = 3
    r.root.revoke_key(r.second.public_key.keyid, "root")
    r.root.add_key(third.public_key, "root")
    r.publish_root(by)
    r.step()


keys = repository.keys
variant(repository, "3-root-rotated", lambda r: rotate_root(r, [keys["root"], r.second, third]))
# Refused after 2-rotated was seen.
variant(repository, "bad-root-by-the-new-alone", lambda r: rotate_root(r, [keys["root"], third]))
variant(repository, "bad-root-by-the-old-alone", lambda r: rotate_root(r, [keys["root"], r.second]))


def rotate_by_one_twice(r):
    rotate_root(r, [keys["root"]])
    document = json.loads(r.roots[3])
    document["signatures"] = document["signatures"] * 2
    r.roots[3] = json.dumps(document).encode()


variant(repository, "bad-root-by-one-twice", rotate_by_one_twice)


def skip_root(r):
    r.root.version = 4
    r.publish_root([keys["root"], r.second])
    r.roots[3] = r.roots.pop(4)


variant(repository, "bad-root-with-a-gap", skip_root)


def set_version(part, value):
    def change(r):
        r.step()
        getattr(r, part).version = value

    return change


variant(repository, "bad-timestamp-set-back", set_version("timestamp", 1))
variant(repository, "bad-snapshot-set-back", set_version("snapshot", 1))
variant(repository, "bad-targets-set-back", set_version("targets", 1))
variant(repository, "bad-timestamp-by-the-old-key", lambda r: r.step(), timestamp_by=old_keys["timestamp"])
variant(repository, "bad-timestamp-by-a-stranger", lambda r: r.step(), timestamp_by=stranger)
variant(repository, "bad-snapshot-by-a-stranger", lambda r: r.step(), snapshot_by=stranger)


def expire(part):
    def change(r):
        r.step()
        getattr(r, part).expires = past

    return change


for part in ("timestamp", "snapshot", "targets"):
    variant(repository, "bad-%s-ended" % part, expire(part))


def expire_root(r):
    r.root.version = 3
    r.root.expires = past
    r.publish_root([keys["root"], r.second])
    r.step()


variant(repository, "bad-root-ended", expire_root)
variant(repository, "bad-target-altered", lambda r: r.step(), damage=repository.content.replace(b"sigstore", b"sigsture"))
variant(repository, "bad-target-without-end", lambda r: r.step(), damage=repository.content + b" " * 100)
variant(repository, "bad-target-missing", lambda r: r.step(), unlisted=True)


def no_root(r):
    r.step()
    r.content = b'{"mediaType":"x"}garbage'


variant(repository, "bad-target-is-no-root", no_root)
