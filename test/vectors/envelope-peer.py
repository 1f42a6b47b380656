"""An independent reader and writer of envelopes: cbor2 and cryptography, from the RFCs and schemas/envelope.cddl.

Reads JSON {envelope, unitPublic, unitSeed, secret} (hex) on standard input. Prints JSON {label, compressed, again}: the label's keys, the
decrypted payload, and a new envelope of the same label and payload with keys of its own.
"""
import hashlib
import json
import os
import sys

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

LABEL = -65537
CHECKSUM = 17


def canonical(value):
    """RFC 8949 4.2.1: map keys in the order of their bytes."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value, key=cbor2.dumps)}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, canonical(value.value))
    return value


def dumps(value):
    return cbor2.dumps(canonical(value))


def key_id(public):
    return hashlib.sha256(public).digest()[:8]


def wrapping_key(shared, protected):
    context = dumps([-5, [None, None, None], [None, None, None], [256, protected]])
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=context).derive(shared)


def raw(public):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


task = {name: bytes.fromhex(text) for name, text in json.load(sys.stdin).items()}
outer = cbor2.loads(task["envelope"])
assert outer.tag == 18
protected, unprotected, payload, signature = outer.value
assert unprotected == {}
Ed25519PublicKey.from_public_bytes(task["unitPublic"]).verify(signature, dumps(["Signature1", protected, b"", payload]))
header = cbor2.loads(protected)
assert header[1] == -8 and header[4] == key_id(task["unitPublic"])
label = header[LABEL]
assert label[CHECKSUM] == hashlib.sha256(payload).digest()

inner = cbor2.loads(payload)
assert inner.tag == 96
content_protected, content_unprotected, ciphertext, recipients = inner.value
assert cbor2.loads(content_protected) == {1: 24}
secret = X25519PrivateKey.from_private_bytes(task["secret"])
own = key_id(raw(secret.public_key()))
[[wrap_protected, wrap_unprotected, wrapped]] = [one for one in recipients if one[1][4] == own]
assert cbor2.loads(wrap_protected) == {1: -31}
ephemeral = wrap_unprotected[-1]
assert ephemeral[1] == 1 and ephemeral[-1] == 4
shared = secret.exchange(X25519PublicKey.from_public_bytes(ephemeral[-2]))
content_key = aes_key_unwrap(wrapping_key(shared, wrap_protected), wrapped)
unsummed = {key: value for key, value in label.items() if key != CHECKSUM}
aad = dumps(["Encrypt", content_protected, dumps(unsummed)])
compressed = ChaCha20Poly1305(content_key).decrypt(content_unprotected[5], ciphertext, aad)

fresh_key, nonce, one_time = os.urandom(32), os.urandom(12), X25519PrivateKey.generate()
fresh_wrap = aes_key_wrap(wrapping_key(one_time.exchange(secret.public_key()), wrap_protected), fresh_key)
recipient = [wrap_protected, {-1: {1: 1, -1: 4, -2: raw(one_time.public_key())}, 4: own}, fresh_wrap]
fresh = ChaCha20Poly1305(fresh_key).encrypt(nonce, compressed, aad)
new_payload = dumps(cbor2.CBORTag(96, [content_protected, {5: nonce}, fresh, [recipient]]))
new_label = {**label, CHECKSUM: hashlib.sha256(new_payload).digest()}
new_protected = dumps({1: -8, 4: header[4], LABEL: new_label})
new_signature = Ed25519PrivateKey.from_private_bytes(task["unitSeed"]).sign(dumps(["Signature1", new_protected, b"", new_payload]))
again = dumps(cbor2.CBORTag(18, [new_protected, {}, new_payload, new_signature]))
print(json.dumps({"label": sorted(label), "compressed": compressed.hex(), "again": again.hex()}))
