"""A mail server on the loopback (aiosmtpd): STARTTLS and a password before anything else, as a relay asks for.

Usage: smtp_server.py FOLDER USER PASSWORD

Takes a free port and prints one line of JSON when it listens: {"port": number, "ca": path of the certificate to trust}.
Each mail taken is a line of FOLDER/mails.jsonl: {"from", "to": […], "user", "tls", "headers": {…}, "text", "html"}.
Who has an address at `refuses.example` does not exist here (550). Ends when its standard input is closed.
"""

import asyncio
import datetime
import email
import email.policy
import ipaddress
import json
import logging
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESS = "127.0.0.1"
NOBODY = "@refuses.example"


def certificate(name, extensions, issuer=None):
    """A key with its certificate, signed by `issuer` (a pair of the same) or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer, signed_by = (issuer[0], issuer[1].subject) if issuer else (key, subject)
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signed_by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return key, builder.sign(signer, hashes.SHA256())


def tls(folder):
    """The server's side of TLS, and the file of the authority that vouches for it."""
    authority = certificate("A test's authority", [x509.BasicConstraints(ca=True, path_length=None)])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ADDRESS)), x509.DNSName("localhost")])
    key, leaf = certificate("A test's mail server", [alternative], authority)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority[1].public_bytes(pem))
    (folder / "server.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + leaf.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, folder / "ca.pem"


class Handler:
    def __init__(self, file):
        self.file = file

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith(NOBODY):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
        line = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "user": session.auth_data.login.decode() if session.authenticated else None,
            "tls": session.ssl is not None,
            "headers": {name: str(value) for name, value in mail.items()},
            "text": parts.get("text/plain"),
            "html": parts.get("text/html"),
        }
        # Written before it is taken, as a mail server should.
        self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.file.flush()
        return "250 taken"


async def main(folder, user, password):
    context, ca = tls(folder)

    def authenticate(server, session, envelope, mechanism, data):
        is_known = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (user, password)
        return AuthResult(success=is_known, auth_data=data if is_known else None)

    loop = asyncio.get_running_loop()
    with open(folder / "mails.jsonl", "w", encoding="utf-8") as file:
        handler = Handler(file)
        session = lambda: SMTP(
            handler, hostname="mail.example", enable_SMTPUTF8=True, tls_context=context, require_starttls=True,
            authenticator=authenticate, auth_required=True, loop=loop,
        )
        server = await loop.create_server(session, ADDRESS, 0)
        print(json.dumps({"port": server.sockets[0].getsockname()[1], "ca": str(ca)}), flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()


if __name__ == "__main__":
    # aiosmtpd warns of an attribute that it sets itself.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    asyncio.run(main(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
