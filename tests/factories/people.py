import datetime

import factory

from lms.people.models import Agency, Membership, User

PASSWORD = "correct-horse-1"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@agency.example")
    first_name = factory.Sequence(lambda n: f"อรุณี{n}")
    last_name = "ใจดี"
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def verified(self, create, extracted, **kwargs):
        """An address that was confirmed, so that the person can sign in."""
        if create and extracted is not False:
            from allauth.account.models import EmailAddress

            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class AgencyFactory(factory.django.DjangoModelFactory):
    """`AgencyFactory(below=ministry)` is a department of it; without `below` a ministry."""

    class Meta:
        model = Agency

    name_th = factory.Sequence(lambda n: f"กรมตัวอย่างที่ {n}")
    name_en = factory.Sequence(lambda n: f"Example Department {n}")
    code = factory.Sequence(lambda n: f"agency-{n}")

    @classmethod
    def _create(cls, model_class, *args, below=None, **kwargs):
        agency = model_class(*args, **kwargs)
        if below is None:
            return model_class.add_root(instance=agency)
        below.refresh_from_db()
        return below.add_child(instance=agency)


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    agency = factory.SubFactory(AgencyFactory)
    since = datetime.date(2024, 10, 1)


def administrator_of(agency) -> User:
    """An agency administrator."""
    return MembershipFactory(agency=agency, role=Membership.Role.ADMINISTRATOR).user
