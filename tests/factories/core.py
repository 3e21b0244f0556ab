"""People, organisations and files for tests: the smallest true ones."""

import hashlib
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

import factory
import pikepdf
from factory.django import DjangoModelFactory

from ibnportal.core import clock
from ibnportal.core.accounts.domain.people import system_user
from ibnportal.core.accounts.enums import OrganisationKind, Role
from ibnportal.core.accounts.models import Organisation, OrganisationMembership, RoleGrant, User
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import Blob, StoredFile

__all__ = [
    "MembershipFactory", "OrganisationFactory", "StaffFactory", "StoredFileFactory", "UserFactory",
    "enrol_mfa", "enterprise_number", "more_files", "pdf_bytes",
]  # fmt: skip


def enterprise_number(sequence: int) -> str:
    """A number with right check digits, another one for each sequence."""
    stem = 4_000_000 + sequence
    return f"0{stem:07d}{97 - stem % 97:02d}"


def pdf_bytes(pages: int = 1, *, title: str = "proef") -> bytes:
    """A real PDF; another title makes another content."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    pdf.docinfo["/Title"] = title
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def more_files(like: StoredFile, names: Sequence[str]) -> list[StoredFile]:
    """PDFs of other content under these names, otherwise as this one; in two queries, without a trail of their own."""
    contents = {name: pdf_bytes(title=name) for name in names}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    Blob.objects.bulk_create(
        [Blob(sha256=hashes[name], size=len(content)) for name, content in contents.items()], ignore_conflicts=True
    )
    for name, content in contents.items():
        path = store.path_of(hashes[name])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    same = {
        field.attname: getattr(like, field.attname)
        for field in StoredFile._meta.local_fields
        if field.attname not in {"id", "blob_id", "name"}
    }
    return StoredFile.objects.bulk_create(StoredFile(**same, blob_id=hashes[name], name=name) for name in names)


def enrol_mfa(user: User) -> None:
    """A second factor, as every member of staff must have."""
    from ibnportal.core.demo.people import enrol

    enrol(user)


class UserFactory(DjangoModelFactory[User]):
    """A person without a role or an organisation."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"persoon{n}@voorbeeld.be")
    full_name = factory.Sequence(lambda n: f"Persoon Nummer{n}")
    password = "!"


class StaffFactory(UserFactory):
    """Somebody with a role (case handler by default) and a second factor."""

    @factory.post_generation
    def role(self, create: bool, extracted: Role | None, **_: Any) -> None:
        RoleGrant.objects.create(
            user=self, role=extracted or Role.CASE_HANDLER, granted_at=clock.now(), granted_by=system_user()
        )

    @factory.post_generation
    def mfa(self, create: bool, extracted: bool | None, **_: Any) -> None:
        if extracted is not False:
            enrol_mfa(self)


class OrganisationFactory(DjangoModelFactory[Organisation]):
    """A Flemish company with a right number."""

    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Bedrijf {n} bv")
    enterprise_number = factory.Sequence(enterprise_number)
    kind = OrganisationKind.COMPANY
    legal_form = "bv"
    street = "Dorpsstraat 1"
    postcode = "9000"
    municipality = "Gent"
    email_domain = factory.Sequence(lambda n: f"bedrijf{n}.be")


class MembershipFactory(DjangoModelFactory[OrganisationMembership]):
    """A current member who may not bind the organisation."""

    class Meta:
        model = OrganisationMembership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    since = date(2015, 1, 1)


class StoredFileFactory(DjangoModelFactory[StoredFile]):
    """A real one-page PDF in the store."""

    class Meta:
        model = StoredFile

    name = factory.Sequence(lambda n: f"document-{n}.pdf")
    kind = FileKind.DOCUMENT_PDF

    @classmethod
    def _create(cls, model_class: type[StoredFile], *args: Any, **kwargs: Any) -> StoredFile:
        content = kwargs.pop("content", None) or pdf_bytes(title=kwargs["name"])
        by = kwargs.pop("by", None)
        return store.store_bytes(content, name=kwargs["name"], kind=kwargs["kind"], by=by)
