"""A certificate authority of our own, and PDFs signed with it."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
DER = serialization.Encoding.DER


class Authority:
    """Issues certificates; `root` is the file that trusts it."""

    def __init__(self, folder: Path, name: str = "Proef CA") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self.name, self.key.public_key())
        self.certificate = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
            self.key, hashes.SHA256()
        )
        self.root = folder / f"{name}.pem"
        self.root.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(FROM)
            .not_valid_after(UNTIL)
        )

    def sign(self, content: bytes, *, name: str = "An Claes", field: str = "Handtekening1") -> bytes:
        """The PDF with one more digital signature, as an increment."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            self._builder(subject, key.public_key()).add_extension(usage, critical=True).sign(self.key, hashes.SHA256())
        )
        plain = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        store = SimpleCertificateStore()
        store.register(asn1_x509.Certificate.load(self.certificate.public_bytes(DER)))
        signer = signers.SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(DER)),
            signing_key=asn1_keys.PrivateKeyInfo.load(plain),
            cert_registry=store,
        )
        out = BytesIO()
        signers.sign_pdf(
            IncrementalPdfFileWriter(BytesIO(content)),
            signers.PdfSignatureMetadata(field_name=field),
            signer=signer,
            output=out,
        )
        return out.getvalue()


def added_after(content: bytes) -> bytes:
    """The PDF with a page's content changed in an increment after the signature."""
    writer = IncrementalPdfFileWriter(BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = writer_number(90)
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def writer_number(value: int):
    from pyhanko.pdf_utils import generic

    return generic.NumberObject(value)
