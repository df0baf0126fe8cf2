"""Makes the files of this folder: one small BLOB per signature algorithm, each under a root of its own.

Needs the package `cryptography`. The keys are thrown away; run it again for other files of the same kind.
"""
import base64
import datetime
import json
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

HERE = pathlib.Path(__file__).parent
PAYLOAD = {"legalHeader": "test", "no": 1, "nextUpdate": "2027-01-01", "entries": []}
SHA = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVES = {"256": ec.SECP256R1(), "384": ec.SECP384R1(), "512": ec.SECP521R1()}


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def key_for(alg):
    if alg.startswith("ES"):
        return ec.generate_private_key(CURVES[alg[2:]])
    return rsa.generate_private_key(65537, 2048)


def sign(alg, key, message):
    digest = SHA[alg[2:]]
    if alg.startswith("RS"):
        return key.sign(message, padding.PKCS1v15(), digest)
    if alg.startswith("PS"):
        salt = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return key.sign(message, salt, digest)
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def certificate(subject, issuer, public_key, issuer_key, is_ca):
    name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2026, 1, 1))
        .not_valid_after(datetime.datetime(2036, 1, 1))
        .add_extension(x509.BasicConstraints(is_ca, None), True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("mds.fidoalliance.org")]), False)
        .sign(issuer_key, hashes.SHA256())
    )


for alg in [family + size for family in ("RS", "PS", "ES") for size in SHA]:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), key_for(alg)
    root = certificate("root " + alg, "root " + alg, root_key.public_key(), root_key, True)
    leaf = certificate("signer " + alg, "root " + alg, key.public_key(), root_key, False)
    der = base64.b64encode(leaf.public_bytes(serialization.Encoding.DER)).decode()
    header = b64url(json.dumps({"alg": alg, "typ": "JWT", "x5c": [der]}).encode())
    signed = header + b"." + b64url(json.dumps(PAYLOAD).encode())
    (HERE / f"{alg}.jwt").write_bytes(signed + b"." + b64url(sign(alg, key, signed)))
    (HERE / f"{alg}.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
