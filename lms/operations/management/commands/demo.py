import datetime
import functools
import logging
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from courses import catalogue
from courses.catalogue.course_file import import_courses
from courses.catalogue.load_framework import load_framework
from courses.enrolment import places
from courses.enrolment.enrol import ensure_rolling_run, join
from courses.enrolment.models import Application, CourseRun, Enrolment
from courses.enrolment.runs import add_groups
from courses.releases.models import CourseState
from courses.releases.settle import settle
from lms.operations.lives import clock, story
from lms.operations.site_tree import ensure_site
from lms.people.models import Agency, Membership, User
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR

DATA = Path(catalogue.__file__).parent / "data"
COURSE_FILES = [DATA / name for name in ("dl-101.yaml", "ds-110.yaml", "dm-210.yaml")]
COHORT, COHORT_EN = "รุ่นนำร่อง", "Pilot run"
PASSWORD = "sala-demo-2569"  # noqa: S105 - published: these people do not exist
ACCOUNTS = [
    ("learner@sala.example", "สมหญิง", "ใจดี", None),
    ("instructor@sala.example", "วิชัย", "สอนสนุก", INSTRUCTOR),
    ("manager@sala.example", "มาลี", "จัดการ", COURSE_MANAGER),
    ("agency@sala.example", "สุนทรี", "ดูแลคน", None),
    ("admin@sala.example", "ประเสริฐ", "ดูแลระบบ", None),
]
# (address, first name, last name): what they did is told in lms/operations/data/.
OTHERS = [
    ("anong@sala.example", "อนงค์", "ศรีสุข"),
    ("boonmee@sala.example", "บุญมี", "ทองแท้"),
    ("chalerm@sala.example", "เฉลิม", "พงษ์ไทย"),
    ("duangjai@sala.example", "ดวงใจ", "แก้วงาม"),
    ("ekachai@sala.example", "เอกชัย", "มั่นคง"),
    ("fongchan@sala.example", "ฟองจันทร์", "รุ่งเรือง"),
    ("hathai@sala.example", "หทัย", "วงศ์ดี"),
    ("itsara@sala.example", "อิศรา", "บุญมาก"),
    ("kamon@sala.example", "กมล", "พัฒนกิจ"),
    ("jintana@sala.example", "จินตนา", "เรืองศิลป์"),
]
# (code, code above, name in Thai, name in English): invented, like everybody in them.
AGENCIES = [
    ("mlo", None, "กระทรวงการเรียนรู้ตัวอย่าง", "Ministry of Learning (example)"),
    ("mlo-dds", "mlo", "กรมบริการดิจิทัลตัวอย่าง", "Department of Digital Services (example)"),
    ("mlo-dds-reg", "mlo-dds", "กองทะเบียนกลาง", "Central Registry Division"),
    ("mlo-dds-svc", "mlo-dds", "กองบริการประชาชน", "Public Service Division"),
    ("mlo-dhr", "mlo", "กรมพัฒนาบุคลากรตัวอย่าง", "Department of Staff Development (example)"),
    ("mrw", None, "กระทรวงถนนและน้ำตัวอย่าง", "Ministry of Roads and Water (example)"),
    ("mrw-dow", "mrw", "กรมแหล่งน้ำตัวอย่าง", "Department of Water Sources (example)"),
]
# (address, agency, position, administrator)
MEMBERS = [
    ("agency@sala.example", "mlo-dds", "ผู้อำนวยการกลุ่มพัฒนาบุคลากร", True),
    ("learner@sala.example", "mlo-dds-svc", "นักวิชาการคอมพิวเตอร์ปฏิบัติการ", False),
    ("instructor@sala.example", "mlo-dhr", "นักทรัพยากรบุคคลชำนาญการ", False),
    ("anong@sala.example", "mlo-dds-reg", "เจ้าพนักงานธุรการชำนาญงาน", False),
    ("boonmee@sala.example", "mlo-dds-reg", "นักวิเคราะห์นโยบายและแผนปฏิบัติการ", False),
    ("chalerm@sala.example", "mlo-dds-svc", "นิติกรชำนาญการ", False),
    ("duangjai@sala.example", "mlo-dds", "หัวหน้าฝ่ายบริหารทั่วไป", False),
    ("ekachai@sala.example", "mrw-dow", "วิศวกรโยธาปฏิบัติการ", False),
    ("fongchan@sala.example", "mrw-dow", "เจ้าพนักงานพัสดุปฏิบัติงาน", False),
    ("hathai@sala.example", "mlo-dhr", "นักทรัพยากรบุคคลปฏิบัติการ", False),
    ("itsara@sala.example", "mrw-dow", "นายช่างโยธาชำนาญงาน", False),
    ("kamon@sala.example", "mlo-dds-svc", "ผู้อำนวยการกองบริการประชาชน", False),
    ("jintana@sala.example", "mlo-dds-reg", "ผู้อำนวยการกองทะเบียนกลาง", False),
]


class Command(BaseCommand):
    help = "Fill this machine's site with courses and people to try it. Safe to repeat."

    def handle(self, *args, **options):
        if settings.SETTINGS_MODULE.endswith(".production"):
            # The password of the administrator is in the manual.
            raise CommandError("demo makes accounts with a published password: not on a real site.")
        # One line per page would hide the address and the accounts at the end.
        logging.getLogger("wagtail").setLevel(logging.WARNING)
        ensure_site()
        load_framework()
        for n, file in enumerate(COURSE_FILES):
            before = clock.newest()
            for course in import_courses(file).courses:
                run, state = self.offer(course)
                people = self.people(run)
                self.agencies()
                self.live(state, run, people, before)
                if n == 1:
                    self.cohort(state)
        self.tell()

    @transaction.atomic
    def agencies(self) -> None:
        """Two ministries and who works there. What somebody changed since stays as it is."""
        places = {agency.code: agency for agency in Agency.objects.all()}
        for code, above, name_th, name_en in AGENCIES:
            if code in places:
                continue
            agency = Agency(code=code, name_th=name_th, name_en=name_en)
            if above is None:
                Agency.add_root(instance=agency)
            else:
                places[above].refresh_from_db()
                places[above].add_child(instance=agency)
            places[code] = agency
        for email, code, position, administers in MEMBERS:
            role = Membership.Role.ADMINISTRATOR if administers else Membership.Role.MEMBER
            Membership.objects.get_or_create(
                user=User.objects.get(email=email),
                agency=places[code],
                defaults={
                    "position": position,
                    "role": role,
                    "since": datetime.date(2025, 10, 1),
                },
            )

    def offer(self, course) -> tuple[CourseRun, CourseState]:
        state = CourseState.objects.filter(course=course).first()
        if state is None or state.dirty or state.current_id is None:
            state = settle(course)
        if state is None or state.current_id is None:
            reasons = [problem.get("en") for problem in state.problems] if state else []
            raise CommandError(f"The course is not on offer: {reasons}")
        return ensure_rolling_run(course), state

    @transaction.atomic
    def people(self, run: CourseRun) -> dict[str, User]:
        """Everybody by name: what stands before the @ of their address."""
        found = {}
        for email, first, last, group in ACCOUNTS:
            user = found[email.partition("@")[0]] = account(email, first, last)
            if group:
                user.groups.add(Group.objects.get(name=group))
            if email.startswith("instructor@"):
                run.instructors.add(user)
            if email.startswith("admin@") and not user.is_superuser:
                user.is_staff = user.is_superuser = True
                user.save(update_fields=["is_staff", "is_superuser"])
        for email, first, last in OTHERS:
            found[email.partition("@")[0]] = account(email, first, last)
        return found

    def live(self, state: CourseState, run: CourseRun, people: dict, before: dict) -> None:
        """What people have done in a course until today, unless they have been there."""
        code = state.current.outline["code"]
        told = story.of(code)
        count = story.live(told, state, run, people, before) if told else 0
        said = f"{count} people have been learning" if count else "as it was"
        self.stdout.write(f"  {code}: {said}")

    @transaction.atomic
    def cohort(self, state: CourseState) -> None:
        """A run of few places that begins soon: some are in, the others wait."""
        run = CourseRun.objects.filter(course=state.course, name=COHORT).first()
        if run is None:
            first = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
            begins = first + datetime.timedelta(days=10)
            run = CourseRun.objects.create(
                course=state.course,
                name=COHORT,
                name_en=COHORT_EN,
                pacing=CourseRun.Pacing.COHORT,
                starts_at=begins,
                ends_at=begins + datetime.timedelta(days=28),
                enrol_until=begins,
                access_days_after=30,
                capacity=3,
                least_people=2,
            )
            run.instructors.add(*User.objects.filter(email="instructor@sala.example"))
            add_groups(run, User.objects.get(email="admin@sala.example"), "กลุ่มเช้า\nกลุ่มบ่าย")
        by = run.instructors.first()
        for email, first_name, last_name in OTHERS[:5]:
            user = account(email, first_name, last_name)
            known = {"run": run, "user": user}
            if Enrolment.objects.filter(**known) or Application.objects.filter(**known):
                continue
            if places.left(run):
                places.give(run, user, by=by)  # without a mail to people who do not exist
            else:
                join(user, run)

    def tell(self) -> None:
        address = settings.SITE_URL
        self.stdout.write(f"\n  {address}/\n")
        for email, first, last, group in ACCOUNTS:
            own = {"admin@": "Administrator", "agency": "Agency administrator"}.get(email[:6])
            role = own or group or "Learner"
            self.stdout.write(f"  {email:<26} {PASSWORD}   {role}: {first} {last}")


def account(email: str, first: str, last: str) -> User:
    """A person who can sign in at once. The password of one who is there stays as it is."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, first_name=first, last_name=last)
        user.password = hashed()
        user.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user


@functools.cache
def hashed() -> str:
    """Made once: it takes a good part of a second, as it should."""
    return make_password(PASSWORD)
