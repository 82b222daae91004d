//! A timetable without collisions, and who takes which class.

use chrono::Weekday;
use entity::school::{
    attendance, class, enrollment, exam, exam_result, schedule, types::EnrollmentStatus,
};
use seeding_engine::{Space, Stream, World};

use super::{
    cell,
    people::{People, STUDENT_STRIDE, enrolled, grade},
};
use crate::{
    calendar::{day, instant, term},
    factories::school::{
        attendance::Attendances,
        class::{Class, ClassSpaces, MEETINGS_PER_CLASS},
        enrollment::Enrollment,
        exam::EXAMS_PER_CLASS,
        exam_result::ExamResults,
    },
    personas::electives,
    records::{self, DAYS_PER_ENROLLMENT, RESULTS_PER_ENROLLMENT},
};

const GRADES: [i16; 3] = [7, 8, 9];

/// What every grade takes, with the teachers of the first two grades and of the third, and with a
/// room for each grade.
type Core = (&'static str, [u64; 2], [&'static str; 3]);

const CORE: [Core; 5] = [
    ("MATH", [0, 5], ["1.01", "2.01", "3.01"]),
    ("ENG", [1, 6], ["1.02", "2.02", "3.02"]),
    ("SCI", [2, 7], ["1.03", "2.03", "3.03"]),
    ("HIST", [3, 3], ["1.04", "2.04", "3.04"]),
    ("PE", [4, 4], ["Gym"; 3]),
];

/// What grade 7 chooses between, with teacher and room.
const ELECTIVES: [(&str, u64, &str); 2] = [("CS", 5, "Lab"), ("ART", 6, "Studio")];

const WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// How many rows a cell has for classes, and a student for enrollments.
pub(super) const CLASS_STRIDE: u64 = 32;
pub(super) const ENROLLMENTS_PER_STUDENT: u64 = 8;

/// How many rows a cell has for what belongs to classes and enrollments.
pub(super) const SCHEDULE_STRIDE: u64 = CLASS_STRIDE * MEETINGS_PER_CLASS;
pub(super) const EXAM_STRIDE: u64 = CLASS_STRIDE * EXAMS_PER_CLASS;
pub(super) const ENROLLMENT_STRIDE: u64 = STUDENT_STRIDE * ENROLLMENTS_PER_STUDENT;
pub(super) const ATTENDANCE_STRIDE: u64 = ENROLLMENT_STRIDE * DAYS_PER_ENROLLMENT;
pub(super) const RESULT_STRIDE: u64 = ENROLLMENT_STRIDE * RESULTS_PER_ENROLLMENT;

/// Nobody is waitlisted: the newest migration, which adds that status, can be rolled back only while
/// no row has it, and a team tries that on a seeded database first.
const STATUSES: [(u32, EnrollmentStatus); 2] =
    [(98, EnrollmentStatus::Active), (2, EnrollmentStatus::Withdrawn)];

/// The classes of the schools, one school a cell.
pub(super) struct Classes {
    world: World,
    pub(super) spaces: ClassSpaces,
    pub(super) enrollments: Space,
    pub(super) attendances: Attendances,
    pub(super) results: ExamResults,
    enrollment: Stream,
    elective: Stream,
}

impl Classes {
    pub(super) fn new(world: &World) -> Self {
        let stream = |purpose| world.stream("enrollments/volume", purpose);
        Self {
            world: *world,
            spaces: ClassSpaces::of("volume"),
            enrollments: Space::new("enrollments/volume"),
            attendances: Attendances::new(world, "attendance/volume"),
            results: ExamResults::new(world, "exam_results/volume"),
            enrollment: stream("enrollment"),
            elective: stream("elective"),
        }
    }

    pub(super) fn classes(&self, people: &People, cell: u64) -> Vec<class::Model> {
        let since = instant(&self.world, -100, 0);
        self.own(people, cell).iter().map(|class| class.model(since)).collect()
    }

    pub(super) fn schedules(&self, people: &People, cell: u64) -> Vec<schedule::Model> {
        let since = instant(&self.world, -100, 0);
        self.own(people, cell).iter().flat_map(|class| class.schedule(since)).collect()
    }

    pub(super) fn exams(&self, people: &People, cell: u64) -> Vec<exam::Model> {
        records::exams(&self.world, &self.own(people, cell))
    }

    pub(super) fn enrollments(&self, people: &People, cell: u64) -> Vec<enrollment::Model> {
        let offer = self.offer(people, cell);
        self.taken(people, cell, &offer).iter().map(Enrollment::model).collect()
    }

    pub(super) fn attendance(&self, people: &People, cell: u64) -> Vec<attendance::Model> {
        let offer = self.offer(people, cell);
        let taken = self.taken(people, cell, &offer);
        records::attendance(&self.world, &self.attendances, &taken)
    }

    pub(super) fn results(&self, people: &People, cell: u64) -> Vec<exam_result::Model> {
        let offer = self.offer(people, cell);
        let taken = self.taken(people, cell, &offer);
        records::results(&self.world, &self.results, &taken)
    }

    /// The classes of a school. The first cell has no electives of its own: its students share
    /// those of the personas, who would else sit there alone.
    fn own(&self, people: &People, cell: u64) -> Vec<Class> {
        let own = courses().filter(|course| cell > 0 || !course.is_elective());
        let class = |(local, course): (u64, Course)| Class {
            spaces: self.spaces,
            row: cell * CLASS_STRIDE + local,
            code: cell::code(format_args!("{}-{}B", course.subject, course.grade), cell),
            subject: course.subject,
            teacher: people.teacher(cell, course.teacher),
            term: term(self.world.as_of),
            room: cell::code(course.room, cell),
            meetings: course.meetings,
        };
        (0..).zip(own).map(class).collect()
    }

    /// All classes that the students of a school can take: core classes, then electives.
    fn offer(&self, people: &People, cell: u64) -> Vec<Class> {
        let shared = if cell == 0 { electives(&self.world) } else { Vec::new() };
        self.own(people, cell).into_iter().chain(shared).collect()
    }

    /// Every student takes the core classes of the grade; those of grade 7 choose an elective.
    fn taken<'a>(&self, people: &People, cell: u64, offer: &'a [Class]) -> Vec<Enrollment<'a>> {
        let (core, electives) = offer.split_at(GRADES.len() * CORE.len());
        let mut taken = Vec::with_capacity(offer.len() * 24);
        for local in enrolled() {
            let student = cell * STUDENT_STRIDE + local;
            let grade_at = usize::from(grade(local).abs_diff(GRADES[0]));
            let mut classes: Vec<&Class> =
                core[grade_at * CORE.len()..][..CORE.len()].iter().collect();
            if grade_at == 0 {
                classes.push(self.elective.at(student).choose(electives));
            }
            let first = student * ENROLLMENTS_PER_STUDENT;
            let rows = (first..).zip(classes);
            taken.extend(rows.map(|(row, class)| self.enrollment(people, student, row, class)));
        }
        taken
    }

    fn enrollment<'a>(
        &self,
        people: &People,
        student: u64,
        row: u64,
        class: &'a Class,
    ) -> Enrollment<'a> {
        let mut draw = self.enrollment.at(row);
        let status = *draw.weighted(&STATUSES);
        let from = day(&self.world, -draw.between(60, 90));
        let withdrawn = day(&self.world, -draw.between(30, 50));
        Enrollment {
            key: self.enrollments.key(row),
            row,
            class,
            student: people.students.key(student),
            ability: people.students.ability(student),
            status,
            from,
            until: (status == EnrollmentStatus::Withdrawn).then_some(withdrawn),
        }
    }
}

/// A class as the timetable of every school has it.
struct Course {
    subject: &'static str,
    grade: i16,
    /// The row of the teacher in the cell.
    teacher: u64,
    room: &'static str,
    meetings: [(Weekday, u32); 2],
}

impl Course {
    fn is_elective(&self) -> bool {
        ELECTIVES.iter().any(|(subject, ..)| *subject == self.subject)
    }
}

/// One class for each grade and core subject, then the electives.
fn courses() -> impl Iterator<Item = Course> {
    let core = (0..GRADES.len()).flat_map(|grade| (0..CORE.len()).map(move |core| (grade, core)));
    let core = core.map(|(grade_at, subject_at)| {
        let (subject, teachers, rooms) = CORE[subject_at];
        Course {
            subject,
            grade: GRADES[grade_at],
            teacher: teachers[usize::from(grade_at == 2)],
            room: rooms[grade_at],
            meetings: meetings(grade_at, subject_at),
        }
    });
    let elective = |(subject, teacher, room)| Course {
        subject,
        grade: GRADES[0],
        teacher,
        room,
        meetings: [(Weekday::Wed, 6), (Weekday::Fri, 6)],
    };
    core.chain(ELECTIVES.map(elective))
}

/// Two days apart, in two hours that belong to the grade: nobody, and no teacher who teaches one
/// subject in several grades, is ever in two places.
fn meetings(grade_at: usize, subject_at: usize) -> [(Weekday, u32); 2] {
    let hour = u32::try_from(grade_at * 2).unwrap_or_default();
    [(WEEK[subject_at % 5], hour), (WEEK[(subject_at + 2) % 5], hour + 1)]
}
